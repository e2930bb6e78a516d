/*
 * The board put together: called by main once the host runtime is up.
 */
#ifndef HW_BOARD_H
#define HW_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "translator/cpu.h"

/* Each returns 0 or a negative error code after a message that says what is missing. */
int board_init(struct cpu *cpu); /* calls the init functions of all devices below, in order; installs memory map and BIOS */

int pic_init(struct cpu *cpu);
int pit_init(void);
int rtc_init(void);        /* CMOS sizes from the guest memory map */
int ioapic_init(void);
int lapic_init(struct cpu *cpu);
int hpet_init(void);
int pm_init(void);         /* ACPI PM timer, PM1, SMI command, GPE0 */
int ferr_init(void);       /* the x87's error output: IRQ 13, port F0 */
int fwcfg_init(void);
void debugport_show_text(void); /* before debugport_init(): what guest firmware writes to 402 and e9 is to go to the console */
int debugport_init(void);  /* 402 (SeaBIOS), e9, 80 */
int pcihost_init(void);    /* CF8/CFC, 440FX with PAM, PIIX-style ISA bridge and ACPI function */
int serial_init(void);     /* COM1 on the host UART */
/*
 * From now on fn is called whenever the guest has read Ctrl-] Ctrl-] key from COM1. The guest gets these characters like any others. 0, or -ENOSPC
 * when there are too many keys.
 */
int serial_on_key(char key, void (*fn)(void *ctx), void *ctx);
int passthrough_init(void);/* host PCI functions on guest bus 0 */
int firmware_init(void);   /* firmware/: BIOS ROM, fw_cfg files: E820, ACPI, SMBIOS, boot order */

/* fw_cfg: files by name, and numbered items. The data must stay alive; callers run before the guest starts. 0 or -ENOMEM, -ENOSPC. */
int fwcfg_add_file(const char *name, const void *data, uint32_t size);
int fwcfg_add_item(uint16_t key, const void *data, uint32_t size);

/* The guest's RAM, as the E820 map, CMOS, host bridge and BIOS see it: sorted ranges of guest physical = host physical memory. */
#define BOARD_MAX_RAM 16
struct ram_map { unsigned n; struct { uint64_t base, size; } r[BOARD_MAX_RAM]; };
extern struct ram_map board_ram;

/*
 * Programmable attributes of the area below 1 MiB (440FX datasheet, 3.2.18), called by the host bridge. segment 0 is F0000-FFFFF, segment
 * n = 1-12 is 16 KiB at C0000 + (n - 1) * 4000 (hexadecimal). read_ram, write_ram: reads, writes go to RAM, else to the ROM behind it.
 */
void board_set_pam(int segment, bool read_ram, bool write_ram);

/* Reset of each device to its power-on state, registered by their init functions. */
void board_on_reset(void (*fn)(void *ctx), void *ctx);

#endif
