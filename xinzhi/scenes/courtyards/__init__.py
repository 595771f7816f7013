"""Beautiful courtyards (美丽庭院): rounds of yards, two raters each, without signal."""
