"""Ways to reach a person outside this house: short messages, WeChat, DingTalk, all behind one port."""
