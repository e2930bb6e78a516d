#include "hw/gmem.h"

#include <string.h>

#include "arch/loongarch/csr.h"
#include "translator/mmu.h"

#define PAGE 4096u

static struct cpu *watcher;

void gmem_init(struct cpu *cpu)
{
	watcher = cpu;
}

/* Bytes from gpa to the end of its page, at most len. */
static uint32_t within_page(uint64_t gpa, uint32_t len)
{
	uint32_t room = PAGE - (uint32_t)(gpa % PAGE);

	return len < room ? len : room;
}

bool gmem_read(uint64_t gpa, void *buf, uint32_t len)
{
	uint8_t *to = buf;

	while (len) {
		uint32_t n = within_page(gpa, len);
		struct phys_page page;

		board_resolve(gpa, &page);
		if (page.kind != PAGE_RAM && page.kind != PAGE_ROM)
			return false;
		memcpy(to, (const uint8_t *)phys_cached(page.host_pa) + gpa % PAGE, n);
		gpa += n;
		to += n;
		len -= n;
	}
	return true;
}

bool gmem_write(uint64_t gpa, const void *buf, uint32_t len)
{
	const uint8_t *from = buf;

	while (len) {
		uint32_t n = within_page(gpa, len);
		struct phys_page page;

		board_resolve(gpa, &page);
		if (page.kind != PAGE_RAM)
			return false;
		code_page_written(watcher, gpa, n, 0);
		memcpy((uint8_t *)phys_cached(page.host_pa) + gpa % PAGE, from, n);
		gpa += n;
		from += n;
		len -= n;
	}
	return true;
}
