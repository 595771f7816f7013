"""Shanchuan township (山川乡), Anji, Huzhou: the demo township."""
