"""Words and frozen records that every floor speaks. No clock; no input or output but the spool's and the making of a home's folders."""
