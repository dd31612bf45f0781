"""From a file of some system to cases in the warehouse, with every row accounted for."""
