/*
 * Moves the image from where the loader put it, which is often RAM that the guest needs, to where the firmware stays.
 */
#include <elf.h>
#include <string.h>

#include "arch/loongarch/boot.h"
#include "arch/loongarch/csr.h"
#include "arch/loongarch/memory.h"

#define IMAGE_ALIGN (64ull << 10) /* of the vector table and the refill entry, with room to spare */
#define STACK_SIZE (256u << 10)

extern char _head[], __data_end[], __image_end[];
extern const Elf64_Rela __rela_start[], __rela_end[];
extern const uint64_t link_base;

static char stack[STACK_SIZE] __attribute__((aligned(16)));

/* Address of an object of this image in the copy at `home`. */
static void *in_copy(const void *p, char *home)
{
	return home + ((const char *)p - _head);
}

static void copy_image(char *home)
{
	size_t file = __data_end - _head, memory = __image_end - _head;

	memcpy(home, _head, file);
	memset(home + file, 0, memory - file);
	for (const Elf64_Rela *r = __rela_start; r < __rela_end; r++)
		*(uint64_t *)(home + (r->r_offset - link_base)) = (uint64_t)home + r->r_addend - link_base;
	ibar();
}

static uint64_t find_home(const struct boot_info *boot, uint64_t size)
{
	const struct host *h = &boot->host;
	struct range_list ram = { 0 }, firmware;

	for (unsigned i = 0; i < h->nram; i++)
		range_add(&ram, h->ram[i].base, h->ram[i].size);
	if (memory_plan(&ram, &firmware))
		return UINT64_MAX;
	range_remove(&firmware, virt_to_phys(_head), size);
	range_remove(&firmware, h->module.base, h->module.size);
	if (h->fdt)
		range_remove(&firmware, h->fdt, __builtin_bswap32(((uint32_t *)phys_cached(h->fdt))[1]));
	return range_find_high(&firmware, size, IMAGE_ALIGN);
}

void boot_move(struct boot_info *boot)
{
	uint64_t size = __image_end - _head;
	uint64_t base = find_home(boot, size);
	char *home;

	if (base == UINT64_MAX) {
		console_write("boot: not enough memory\n", 24);
		boot_stop();
	}
	home = phys_cached(base);
	copy_image(home);
	boot->host.image = (struct range){ base, size };
	boot_jump((void (*)(void *))in_copy((void *)host_start, home), boot, in_copy(stack + STACK_SIZE, home));
}
