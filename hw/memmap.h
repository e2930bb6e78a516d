/*
 * The guest physical memory map: RAM, the BIOS ROM and its alias below 1 MiB. Also board_ram and board_set_pam() of hw/board.h.
 */
#ifndef HW_MEMMAP_H
#define HW_MEMMAP_H

#include <stdint.h>

/* RAM from the host's map into board_ram and onto the bus. 0, -ENOMEM, or -ENODEV after a message when the low megabyte is missing. */
int memmap_init(void);

/* Maps the BIOS ROM to end at 4 GiB and its last 128 KiB (all of a smaller one) to end at 1 MiB. size is a multiple of 64 KiB. 0, -ENOMEM. */
int memmap_set_bios(uint64_t host_pa, uint32_t size);

#endif
