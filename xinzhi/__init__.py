"""Xinzhi (信治): governance points and the scenes of village, county and city life around them."""

__version__ = "0.1.0"
