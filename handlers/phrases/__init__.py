"""Every sentence a resident reads, a module a topic. No conditions on state: only formatting.

Vietnamese, polite, short, in NFC. The reader is "anh/chị" until they choose otherwise; the
speaker is "Trợ lý số" or nobody. Facts come as arguments, never from here.
"""
