"""What `make warm` reckons with is what a start costs."""

from benchmarks.bell import count_costs
from infra import warming


def test_a_start_costs_no_more_than_the_plan_reckons_with() -> None:
    counted, read = count_costs()
    assert set(counted.index_units) == set(warming.INDEX_UNITS)
    assert all(units <= warming.INDEX_UNITS[name] for name, units in counted.index_units.items())
    assert counted.table_units <= warming.TABLE_UNITS
    assert read <= warming.READ_UNITS
