"""Figures for village and township: sums kept with the postings, open work by age, remarks on odd patterns."""
