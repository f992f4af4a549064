"""Files of operators: exam packs, question banks, rosters and photos are read, banks and reports are written."""
