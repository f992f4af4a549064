"""我的数据: a person's own record as one signed zip that anybody can check without network."""
