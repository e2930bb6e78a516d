/*
 * From the loader to main(): what the first stage, which runs wherever the loader put the image, hands to the second, which
 * runs where the firmware stays.
 */
#ifndef ARCH_BOOT_H
#define ARCH_BOOT_H

#include "arch/loongarch/host.h"

struct boot_info {
	struct host host;      /* cmdline, ram, module, rsdp, fdt, smbios, framebuffer, image as far as the loader tells */
	bool has_wall;
	uint64_t wall_seconds; /* UTC since 1970 at host counter boot_counter, from UEFI's clock */
	uint64_t wall_counter;
};

/*
 * head.S. Both run on the boot stack with the image relocated to where it lies and bss cleared. direct_main's arguments are the loader's
 * a0-a2. efi_main runs as a UEFI application and returns a status when it fails before ExitBootServices.
 */
_Noreturn void direct_main(uint64_t a0, uint64_t a1, uint64_t a2);
uint64_t efi_main(void *image_handle, void *system_table);

/* head.S: takes the CPU from UEFI's hands: direct-mapped windows, interrupts off, empty TLB, boot stack; goes on at boot_move(boot). */
_Noreturn void boot_leave_uefi(struct boot_info *boot);
/* head.S: goes on at entry(arg) on an empty stack below stack_top. */
_Noreturn void boot_jump(void (*entry)(void *), void *arg, void *stack_top);

/*
 * image.c: copies the image to where the firmware stays (memory_plan()), relocates the copy and goes on there with host_start(boot).
 * Up to here nothing may have been written to the image's initialised data.
 */
_Noreturn void boot_move(struct boot_info *boot);

/* host.c: second stage. boot lies in the image's first copy. */
_Noreturn void host_start(void *boot);

/* For errors before any console is known on the direct path: power is not touched, the CPU stops. */
_Noreturn void boot_stop(void);

#endif
