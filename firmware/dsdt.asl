/*
 * The board as ACPI names it (ACPI specification, chapters 6 and 7, 19). Addresses and numbers come from hw/layout.h. SeaBIOS reads this
 * table with a parser of its own that knows plain names, devices, fields and methods, so nothing else stands outside of methods; a device
 * it cannot find here (the keyboard) it does not look for.
 */
#include "../hw/layout.h"

DefinitionBlock ("", "DSDT", 2, "LARCH ", "X86BOARD", 1)
{
	Name (\_S5, Package () { LAYOUT_SLP_TYP_S5, LAYOUT_SLP_TYP_S5, 0, 0 })

	/* How interrupts are delivered: 0 by the 8259 pair, 1 by the IOAPIC. */
	Name (\PICM, 0)
	Method (\_PIC, 1)
	{
		\PICM = Arg0
	}

	Scope (\_SB)
	{
		Device (PCI0)
		{
			Name (_HID, EisaId ("PNP0A03"))
			Name (_UID, 0)
			Name (_BBN, 0)
			Name (_CRS, ResourceTemplate ()
			{
				WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode, 0, 0, 0, 0, 1)
				IO (Decode16, 0x0CF8, 0x0CF8, 1, 8)
				WordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange, 0, 0, 0x0CF7, 0, 0x0CF8)
				WordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange, 0, 0x0D00, 0xFFFF, 0, 0xF300)
				DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, Cacheable, ReadWrite,
					0, 0x000A0000, 0x000BFFFF, 0, 0x00020000)
				DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite,
					0, LAYOUT_PCI_HOLE, LAYOUT_PCI_HOLE_LAST, 0, LAYOUT_PCI_HOLE_SIZE)
			})

			#include "prt.asl"
			Method (_PRT)
			{
				If (\PICM) { Return (PRTA) }
				Return (PRTP)
			}

			/* The south bridge and what hangs on its ISA bus. */
			Device (ISA)
			{
				Name (_ADR, 0x00010000)
				OperationRegion (PIRQ, PCI_Config, 0x60, 4)
				Field (PIRQ, ByteAcc, NoLock, Preserve)
				{
					PRQA, 8, PRQB, 8, PRQC, 8, PRQD, 8
				}

				Device (PIC)
				{
					Name (_HID, EisaId ("PNP0000"))
					Name (_CRS, ResourceTemplate ()
					{
						IO (Decode16, 0x0020, 0x0020, 0, 2)
						IO (Decode16, 0x00A0, 0x00A0, 0, 2)
						IO (Decode16, 0x04D0, 0x04D0, 0, 2)
						IRQNoFlags () { 2 }
					})
				}

				Device (PIT)
				{
					Name (_HID, EisaId ("PNP0100"))
					Name (_CRS, ResourceTemplate ()
					{
						IO (Decode16, 0x0040, 0x0040, 0, 4)
						IRQNoFlags () { 0 }
					})
				}

				Device (SPKR)
				{
					Name (_HID, EisaId ("PNP0800"))
					Name (_CRS, ResourceTemplate () { IO (Decode16, 0x0061, 0x0061, 0, 1) })
				}

				Device (RTC)
				{
					Name (_HID, EisaId ("PNP0B00"))
					Name (_CRS, ResourceTemplate ()
					{
						IO (Decode16, 0x0070, 0x0070, 0, 2)
						IRQNoFlags () { 8 }
					})
				}

				Device (FPU)
				{
					Name (_HID, EisaId ("PNP0C04"))
					Name (_CRS, ResourceTemplate ()
					{
						IO (Decode16, 0x00F0, 0x00F0, 0, 1)
						IRQNoFlags () { 13 }
					})
				}

				/* The host may have no UART; then the ports read all ones. The modem control register of a 16550 never does. */
				Device (COM1)
				{
					Name (_HID, EisaId ("PNP0501"))
					Name (_UID, 1)
					OperationRegion (UART, SystemIO, 0x03F8, 8)
					Field (UART, ByteAcc, NoLock, Preserve)
					{
						Offset (4), MCR, 8
					}
					Method (_STA)
					{
						If (MCR == 0xFF) { Return (0) }
						Return (0x0F)
					}
					Name (_CRS, ResourceTemplate ()
					{
						IO (Decode16, 0x03F8, 0x03F8, 0, 8)
						IRQNoFlags () { 4 }
					})
				}
			}
		}

		Device (HPET)
		{
			Name (_HID, EisaId ("PNP0103"))
			Name (_UID, 0)
			Name (_CRS, ResourceTemplate () { Memory32Fixed (ReadOnly, LAYOUT_HPET, 0x400) })
		}

		/* Claimed by nobody above: power management, resets, fw_cfg, interrupt controllers, the ROM. */
		Device (MBRD)
		{
			Name (_HID, EisaId ("PNP0C02"))
			Name (_UID, 0)
			Name (_CRS, ResourceTemplate ()
			{
				IO (Decode16, 0x0080, 0x0080, 0, 1)
				IO (Decode16, 0x0092, 0x0092, 0, 1)
				IO (Decode16, LAYOUT_PORT_SMI_CMD, LAYOUT_PORT_SMI_CMD, 0, 2)
				IO (Decode16, LAYOUT_PORT_FWCFG, LAYOUT_PORT_FWCFG, 0, LAYOUT_PORT_FWCFG_SIZE)
				IO (Decode16, LAYOUT_PORT_PM, LAYOUT_PORT_PM, 0, LAYOUT_PORT_PM_SIZE)
				IO (Decode16, LAYOUT_PORT_GPE0, LAYOUT_PORT_GPE0, 0, LAYOUT_PORT_GPE0_SIZE)
				Memory32Fixed (ReadWrite, LAYOUT_IOAPIC, 0x1000)
				Memory32Fixed (ReadWrite, LAYOUT_LAPIC, 0x1000)
				Memory32Fixed (ReadOnly, 0xFFFC0000, 0x40000)
			})
		}

		#include "links.asl"
	}
}
