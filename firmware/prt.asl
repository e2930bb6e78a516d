/*
 * Interrupt routing of guest PCI bus 0 (docs/passthrough.md): pin p (0 = INTA) of slot s is on line (s + p) mod 4. Line l is IOAPIC input
 * 16 + l, and reaches the PIC by the link of PIRQ register (l - 1) mod 4. The power management function in slot 1 has its own interrupt.
 */
/* With the 8259 pair. */
Name (PRTP, Package ()
{
	Package () { 0x1FFFF, 0, 0, LAYOUT_GSI_SCI }, Package () { 0x1FFFF, 1, LNKB, 0 }, Package () { 0x1FFFF, 2, LNKC, 0 }, Package () { 0x1FFFF, 3, LNKD, 0 },
	Package () { 0x2FFFF, 0, LNKB, 0 }, Package () { 0x2FFFF, 1, LNKC, 0 }, Package () { 0x2FFFF, 2, LNKD, 0 }, Package () { 0x2FFFF, 3, LNKA, 0 },
	Package () { 0x3FFFF, 0, LNKC, 0 }, Package () { 0x3FFFF, 1, LNKD, 0 }, Package () { 0x3FFFF, 2, LNKA, 0 }, Package () { 0x3FFFF, 3, LNKB, 0 },
	Package () { 0x4FFFF, 0, LNKD, 0 }, Package () { 0x4FFFF, 1, LNKA, 0 }, Package () { 0x4FFFF, 2, LNKB, 0 }, Package () { 0x4FFFF, 3, LNKC, 0 },
	Package () { 0x5FFFF, 0, LNKA, 0 }, Package () { 0x5FFFF, 1, LNKB, 0 }, Package () { 0x5FFFF, 2, LNKC, 0 }, Package () { 0x5FFFF, 3, LNKD, 0 },
	Package () { 0x6FFFF, 0, LNKB, 0 }, Package () { 0x6FFFF, 1, LNKC, 0 }, Package () { 0x6FFFF, 2, LNKD, 0 }, Package () { 0x6FFFF, 3, LNKA, 0 },
	Package () { 0x7FFFF, 0, LNKC, 0 }, Package () { 0x7FFFF, 1, LNKD, 0 }, Package () { 0x7FFFF, 2, LNKA, 0 }, Package () { 0x7FFFF, 3, LNKB, 0 },
	Package () { 0x8FFFF, 0, LNKD, 0 }, Package () { 0x8FFFF, 1, LNKA, 0 }, Package () { 0x8FFFF, 2, LNKB, 0 }, Package () { 0x8FFFF, 3, LNKC, 0 },
	Package () { 0x9FFFF, 0, LNKA, 0 }, Package () { 0x9FFFF, 1, LNKB, 0 }, Package () { 0x9FFFF, 2, LNKC, 0 }, Package () { 0x9FFFF, 3, LNKD, 0 },
	Package () { 0xAFFFF, 0, LNKB, 0 }, Package () { 0xAFFFF, 1, LNKC, 0 }, Package () { 0xAFFFF, 2, LNKD, 0 }, Package () { 0xAFFFF, 3, LNKA, 0 },
	Package () { 0xBFFFF, 0, LNKC, 0 }, Package () { 0xBFFFF, 1, LNKD, 0 }, Package () { 0xBFFFF, 2, LNKA, 0 }, Package () { 0xBFFFF, 3, LNKB, 0 },
	Package () { 0xCFFFF, 0, LNKD, 0 }, Package () { 0xCFFFF, 1, LNKA, 0 }, Package () { 0xCFFFF, 2, LNKB, 0 }, Package () { 0xCFFFF, 3, LNKC, 0 },
	Package () { 0xDFFFF, 0, LNKA, 0 }, Package () { 0xDFFFF, 1, LNKB, 0 }, Package () { 0xDFFFF, 2, LNKC, 0 }, Package () { 0xDFFFF, 3, LNKD, 0 },
	Package () { 0xEFFFF, 0, LNKB, 0 }, Package () { 0xEFFFF, 1, LNKC, 0 }, Package () { 0xEFFFF, 2, LNKD, 0 }, Package () { 0xEFFFF, 3, LNKA, 0 },
	Package () { 0xFFFFF, 0, LNKC, 0 }, Package () { 0xFFFFF, 1, LNKD, 0 }, Package () { 0xFFFFF, 2, LNKA, 0 }, Package () { 0xFFFFF, 3, LNKB, 0 },
	Package () { 0x10FFFF, 0, LNKD, 0 }, Package () { 0x10FFFF, 1, LNKA, 0 }, Package () { 0x10FFFF, 2, LNKB, 0 }, Package () { 0x10FFFF, 3, LNKC, 0 },
	Package () { 0x11FFFF, 0, LNKA, 0 }, Package () { 0x11FFFF, 1, LNKB, 0 }, Package () { 0x11FFFF, 2, LNKC, 0 }, Package () { 0x11FFFF, 3, LNKD, 0 },
	Package () { 0x12FFFF, 0, LNKB, 0 }, Package () { 0x12FFFF, 1, LNKC, 0 }, Package () { 0x12FFFF, 2, LNKD, 0 }, Package () { 0x12FFFF, 3, LNKA, 0 },
	Package () { 0x13FFFF, 0, LNKC, 0 }, Package () { 0x13FFFF, 1, LNKD, 0 }, Package () { 0x13FFFF, 2, LNKA, 0 }, Package () { 0x13FFFF, 3, LNKB, 0 },
	Package () { 0x14FFFF, 0, LNKD, 0 }, Package () { 0x14FFFF, 1, LNKA, 0 }, Package () { 0x14FFFF, 2, LNKB, 0 }, Package () { 0x14FFFF, 3, LNKC, 0 },
	Package () { 0x15FFFF, 0, LNKA, 0 }, Package () { 0x15FFFF, 1, LNKB, 0 }, Package () { 0x15FFFF, 2, LNKC, 0 }, Package () { 0x15FFFF, 3, LNKD, 0 },
	Package () { 0x16FFFF, 0, LNKB, 0 }, Package () { 0x16FFFF, 1, LNKC, 0 }, Package () { 0x16FFFF, 2, LNKD, 0 }, Package () { 0x16FFFF, 3, LNKA, 0 },
	Package () { 0x17FFFF, 0, LNKC, 0 }, Package () { 0x17FFFF, 1, LNKD, 0 }, Package () { 0x17FFFF, 2, LNKA, 0 }, Package () { 0x17FFFF, 3, LNKB, 0 },
	Package () { 0x18FFFF, 0, LNKD, 0 }, Package () { 0x18FFFF, 1, LNKA, 0 }, Package () { 0x18FFFF, 2, LNKB, 0 }, Package () { 0x18FFFF, 3, LNKC, 0 },
	Package () { 0x19FFFF, 0, LNKA, 0 }, Package () { 0x19FFFF, 1, LNKB, 0 }, Package () { 0x19FFFF, 2, LNKC, 0 }, Package () { 0x19FFFF, 3, LNKD, 0 },
	Package () { 0x1AFFFF, 0, LNKB, 0 }, Package () { 0x1AFFFF, 1, LNKC, 0 }, Package () { 0x1AFFFF, 2, LNKD, 0 }, Package () { 0x1AFFFF, 3, LNKA, 0 },
	Package () { 0x1BFFFF, 0, LNKC, 0 }, Package () { 0x1BFFFF, 1, LNKD, 0 }, Package () { 0x1BFFFF, 2, LNKA, 0 }, Package () { 0x1BFFFF, 3, LNKB, 0 },
	Package () { 0x1CFFFF, 0, LNKD, 0 }, Package () { 0x1CFFFF, 1, LNKA, 0 }, Package () { 0x1CFFFF, 2, LNKB, 0 }, Package () { 0x1CFFFF, 3, LNKC, 0 },
	Package () { 0x1DFFFF, 0, LNKA, 0 }, Package () { 0x1DFFFF, 1, LNKB, 0 }, Package () { 0x1DFFFF, 2, LNKC, 0 }, Package () { 0x1DFFFF, 3, LNKD, 0 },
	Package () { 0x1EFFFF, 0, LNKB, 0 }, Package () { 0x1EFFFF, 1, LNKC, 0 }, Package () { 0x1EFFFF, 2, LNKD, 0 }, Package () { 0x1EFFFF, 3, LNKA, 0 },
	Package () { 0x1FFFFF, 0, LNKC, 0 }, Package () { 0x1FFFFF, 1, LNKD, 0 }, Package () { 0x1FFFFF, 2, LNKA, 0 }, Package () { 0x1FFFFF, 3, LNKB, 0 }
})

/* With the IOAPIC. */
Name (PRTA, Package ()
{
	Package () { 0x1FFFF, 0, 0, LAYOUT_GSI_SCI }, Package () { 0x1FFFF, 1, 0, 18 }, Package () { 0x1FFFF, 2, 0, 19 }, Package () { 0x1FFFF, 3, 0, 16 },
	Package () { 0x2FFFF, 0, 0, 18 }, Package () { 0x2FFFF, 1, 0, 19 }, Package () { 0x2FFFF, 2, 0, 16 }, Package () { 0x2FFFF, 3, 0, 17 },
	Package () { 0x3FFFF, 0, 0, 19 }, Package () { 0x3FFFF, 1, 0, 16 }, Package () { 0x3FFFF, 2, 0, 17 }, Package () { 0x3FFFF, 3, 0, 18 },
	Package () { 0x4FFFF, 0, 0, 16 }, Package () { 0x4FFFF, 1, 0, 17 }, Package () { 0x4FFFF, 2, 0, 18 }, Package () { 0x4FFFF, 3, 0, 19 },
	Package () { 0x5FFFF, 0, 0, 17 }, Package () { 0x5FFFF, 1, 0, 18 }, Package () { 0x5FFFF, 2, 0, 19 }, Package () { 0x5FFFF, 3, 0, 16 },
	Package () { 0x6FFFF, 0, 0, 18 }, Package () { 0x6FFFF, 1, 0, 19 }, Package () { 0x6FFFF, 2, 0, 16 }, Package () { 0x6FFFF, 3, 0, 17 },
	Package () { 0x7FFFF, 0, 0, 19 }, Package () { 0x7FFFF, 1, 0, 16 }, Package () { 0x7FFFF, 2, 0, 17 }, Package () { 0x7FFFF, 3, 0, 18 },
	Package () { 0x8FFFF, 0, 0, 16 }, Package () { 0x8FFFF, 1, 0, 17 }, Package () { 0x8FFFF, 2, 0, 18 }, Package () { 0x8FFFF, 3, 0, 19 },
	Package () { 0x9FFFF, 0, 0, 17 }, Package () { 0x9FFFF, 1, 0, 18 }, Package () { 0x9FFFF, 2, 0, 19 }, Package () { 0x9FFFF, 3, 0, 16 },
	Package () { 0xAFFFF, 0, 0, 18 }, Package () { 0xAFFFF, 1, 0, 19 }, Package () { 0xAFFFF, 2, 0, 16 }, Package () { 0xAFFFF, 3, 0, 17 },
	Package () { 0xBFFFF, 0, 0, 19 }, Package () { 0xBFFFF, 1, 0, 16 }, Package () { 0xBFFFF, 2, 0, 17 }, Package () { 0xBFFFF, 3, 0, 18 },
	Package () { 0xCFFFF, 0, 0, 16 }, Package () { 0xCFFFF, 1, 0, 17 }, Package () { 0xCFFFF, 2, 0, 18 }, Package () { 0xCFFFF, 3, 0, 19 },
	Package () { 0xDFFFF, 0, 0, 17 }, Package () { 0xDFFFF, 1, 0, 18 }, Package () { 0xDFFFF, 2, 0, 19 }, Package () { 0xDFFFF, 3, 0, 16 },
	Package () { 0xEFFFF, 0, 0, 18 }, Package () { 0xEFFFF, 1, 0, 19 }, Package () { 0xEFFFF, 2, 0, 16 }, Package () { 0xEFFFF, 3, 0, 17 },
	Package () { 0xFFFFF, 0, 0, 19 }, Package () { 0xFFFFF, 1, 0, 16 }, Package () { 0xFFFFF, 2, 0, 17 }, Package () { 0xFFFFF, 3, 0, 18 },
	Package () { 0x10FFFF, 0, 0, 16 }, Package () { 0x10FFFF, 1, 0, 17 }, Package () { 0x10FFFF, 2, 0, 18 }, Package () { 0x10FFFF, 3, 0, 19 },
	Package () { 0x11FFFF, 0, 0, 17 }, Package () { 0x11FFFF, 1, 0, 18 }, Package () { 0x11FFFF, 2, 0, 19 }, Package () { 0x11FFFF, 3, 0, 16 },
	Package () { 0x12FFFF, 0, 0, 18 }, Package () { 0x12FFFF, 1, 0, 19 }, Package () { 0x12FFFF, 2, 0, 16 }, Package () { 0x12FFFF, 3, 0, 17 },
	Package () { 0x13FFFF, 0, 0, 19 }, Package () { 0x13FFFF, 1, 0, 16 }, Package () { 0x13FFFF, 2, 0, 17 }, Package () { 0x13FFFF, 3, 0, 18 },
	Package () { 0x14FFFF, 0, 0, 16 }, Package () { 0x14FFFF, 1, 0, 17 }, Package () { 0x14FFFF, 2, 0, 18 }, Package () { 0x14FFFF, 3, 0, 19 },
	Package () { 0x15FFFF, 0, 0, 17 }, Package () { 0x15FFFF, 1, 0, 18 }, Package () { 0x15FFFF, 2, 0, 19 }, Package () { 0x15FFFF, 3, 0, 16 },
	Package () { 0x16FFFF, 0, 0, 18 }, Package () { 0x16FFFF, 1, 0, 19 }, Package () { 0x16FFFF, 2, 0, 16 }, Package () { 0x16FFFF, 3, 0, 17 },
	Package () { 0x17FFFF, 0, 0, 19 }, Package () { 0x17FFFF, 1, 0, 16 }, Package () { 0x17FFFF, 2, 0, 17 }, Package () { 0x17FFFF, 3, 0, 18 },
	Package () { 0x18FFFF, 0, 0, 16 }, Package () { 0x18FFFF, 1, 0, 17 }, Package () { 0x18FFFF, 2, 0, 18 }, Package () { 0x18FFFF, 3, 0, 19 },
	Package () { 0x19FFFF, 0, 0, 17 }, Package () { 0x19FFFF, 1, 0, 18 }, Package () { 0x19FFFF, 2, 0, 19 }, Package () { 0x19FFFF, 3, 0, 16 },
	Package () { 0x1AFFFF, 0, 0, 18 }, Package () { 0x1AFFFF, 1, 0, 19 }, Package () { 0x1AFFFF, 2, 0, 16 }, Package () { 0x1AFFFF, 3, 0, 17 },
	Package () { 0x1BFFFF, 0, 0, 19 }, Package () { 0x1BFFFF, 1, 0, 16 }, Package () { 0x1BFFFF, 2, 0, 17 }, Package () { 0x1BFFFF, 3, 0, 18 },
	Package () { 0x1CFFFF, 0, 0, 16 }, Package () { 0x1CFFFF, 1, 0, 17 }, Package () { 0x1CFFFF, 2, 0, 18 }, Package () { 0x1CFFFF, 3, 0, 19 },
	Package () { 0x1DFFFF, 0, 0, 17 }, Package () { 0x1DFFFF, 1, 0, 18 }, Package () { 0x1DFFFF, 2, 0, 19 }, Package () { 0x1DFFFF, 3, 0, 16 },
	Package () { 0x1EFFFF, 0, 0, 18 }, Package () { 0x1EFFFF, 1, 0, 19 }, Package () { 0x1EFFFF, 2, 0, 16 }, Package () { 0x1EFFFF, 3, 0, 17 },
	Package () { 0x1FFFFF, 0, 0, 19 }, Package () { 0x1FFFFF, 1, 0, 16 }, Package () { 0x1FFFFF, 2, 0, 17 }, Package () { 0x1FFFFF, 3, 0, 18 }
})
