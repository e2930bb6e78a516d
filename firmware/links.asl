/*
 * The four PCI interrupt links: each sets which ISA interrupt its PIRQ register of the ISA bridge leads to (bit 7: none). The
 * number stands at byte 5 of an extended interrupt descriptor (ACPI specification, 6.4.3.6).
 */
Name (PRSL, ResourceTemplate ()
{
	Interrupt (ResourceConsumer, Level, ActiveHigh, Shared) { 5, 10, 11 }
})

Name (CRSL, ResourceTemplate ()
{
	Interrupt (ResourceConsumer, Level, ActiveHigh, Shared) { 0 }
})

/* The current setting of a link, from the value of its register; interrupt 0 stands for none. */
Method (LCRS, 1, Serialized)
{
	CreateDWordField (CRSL, 5, IRQ)
	IRQ = 0
	If (Arg0 < 0x80) { IRQ = Arg0 }
	Return (CRSL)
}

/* The register's value for a chosen setting. */
Method (LSRS, 1)
{
	CreateDWordField (Arg0, 5, IRQ)
	Return (IRQ)
}

Device (LNKA)
{
	Name (_HID, EisaId ("PNP0C0F"))
	Name (_UID, 0)
	Method (_STA) { If (\_SB.PCI0.ISA.PRQA & 0x80) { Return (9) } Return (0x0B) }
	Method (_DIS) { \_SB.PCI0.ISA.PRQA |= 0x80 }
	Method (_PRS) { Return (PRSL) }
	Method (_CRS) { Return (LCRS (\_SB.PCI0.ISA.PRQA)) }
	Method (_SRS, 1) { \_SB.PCI0.ISA.PRQA = LSRS (Arg0) }
}

Device (LNKB)
{
	Name (_HID, EisaId ("PNP0C0F"))
	Name (_UID, 1)
	Method (_STA) { If (\_SB.PCI0.ISA.PRQB & 0x80) { Return (9) } Return (0x0B) }
	Method (_DIS) { \_SB.PCI0.ISA.PRQB |= 0x80 }
	Method (_PRS) { Return (PRSL) }
	Method (_CRS) { Return (LCRS (\_SB.PCI0.ISA.PRQB)) }
	Method (_SRS, 1) { \_SB.PCI0.ISA.PRQB = LSRS (Arg0) }
}

Device (LNKC)
{
	Name (_HID, EisaId ("PNP0C0F"))
	Name (_UID, 2)
	Method (_STA) { If (\_SB.PCI0.ISA.PRQC & 0x80) { Return (9) } Return (0x0B) }
	Method (_DIS) { \_SB.PCI0.ISA.PRQC |= 0x80 }
	Method (_PRS) { Return (PRSL) }
	Method (_CRS) { Return (LCRS (\_SB.PCI0.ISA.PRQC)) }
	Method (_SRS, 1) { \_SB.PCI0.ISA.PRQC = LSRS (Arg0) }
}

Device (LNKD)
{
	Name (_HID, EisaId ("PNP0C0F"))
	Name (_UID, 3)
	Method (_STA) { If (\_SB.PCI0.ISA.PRQD & 0x80) { Return (9) } Return (0x0B) }
	Method (_DIS) { \_SB.PCI0.ISA.PRQD |= 0x80 }
	Method (_PRS) { Return (PRSL) }
	Method (_CRS) { Return (LCRS (\_SB.PCI0.ISA.PRQD)) }
	Method (_SRS, 1) { \_SB.PCI0.ISA.PRQD = LSRS (Arg0) }
}
