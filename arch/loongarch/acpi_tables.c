#include "arch/loongarch/acpi_tables.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "arch/loongarch/csr.h"
#include "arch/loongarch/host.h"

/* 5.2.5.3 */
struct rsdp {
	char signature[8];
	uint8_t checksum;
	char oem[6];
	uint8_t revision;
	uint32_t rsdt;
	uint32_t length; /* from revision 2 on */
	uint64_t xsdt;
	uint8_t extended_checksum, pad[3];
} __attribute__((packed));
#define RSDP_SIZE_1 20

_Static_assert(sizeof(struct acpi_header) == 36 && sizeof(struct acpi_spcr) == 80, "ACPI tables");
_Static_assert(offsetof(struct acpi_fadt, flags) == 112 && offsetof(struct acpi_fadt, x_dsdt) == 140 &&
	       offsetof(struct acpi_fadt, x_pm1a_control) == 172 && sizeof(struct acpi_fadt) == 268, "FADT");

/* RSDT or XSDT: addresses of 4 or 8 bytes behind the header. */
struct root {
	const struct acpi_header *table;
	unsigned entry_size;
};

static bool in_kept(uint64_t address, uint64_t size)
{
	for (unsigned i = 0; i < host.nkept; i++) {
		const struct range *r = &host.kept[i];

		if (address >= r->base && size <= r->size && address - r->base <= r->size - size)
			return true;
	}
	return false;
}

static bool sums_to_zero(const void *p, size_t size)
{
	const uint8_t *b = p;
	uint8_t sum = 0;

	while (size--)
		sum += *b++;
	return sum == 0;
}

int acpi_table_at(uint64_t address, const char *signature, size_t min_length, const void **table)
{
	const struct acpi_header *h;

	if (!in_kept(address, sizeof *h))
		return -EFAULT;
	h = phys_cached(address);
	if (memcmp(h->signature, signature, sizeof h->signature))
		return -ENOENT;
	if (h->length < sizeof *h || h->length < min_length || !in_kept(address, h->length))
		return -EINVAL;
	if (!sums_to_zero(h, h->length))
		return -EBADMSG;
	*table = h;
	return 0;
}

static int find_root(struct root *root)
{
	const struct rsdp *r;

	if (!in_kept(host.rsdp, RSDP_SIZE_1))
		return -EFAULT;
	r = phys_cached(host.rsdp);
	if (memcmp(r->signature, "RSD PTR ", sizeof r->signature))
		return -ENOENT;
	if (!sums_to_zero(r, RSDP_SIZE_1))
		return -EBADMSG;
	if (r->revision < 2) {
		root->entry_size = 4;
		return acpi_table_at(r->rsdt, "RSDT", 0, (const void **)&root->table);
	}
	if (!in_kept(host.rsdp, sizeof *r) || r->length < sizeof *r || !in_kept(host.rsdp, r->length))
		return -EINVAL;
	if (!sums_to_zero(r, r->length))
		return -EBADMSG;
	root->entry_size = r->xsdt ? 8 : 4;
	return acpi_table_at(r->xsdt ? r->xsdt : r->rsdt, r->xsdt ? "XSDT" : "RSDT", 0, (const void **)&root->table);
}

static unsigned root_count(const struct root *root)
{
	return (root->table->length - sizeof(struct acpi_header)) / root->entry_size;
}

static uint64_t root_entry(const struct root *root, unsigned i)
{
	uint64_t address = 0;

	memcpy(&address, (const uint8_t *)(root->table + 1) + i * root->entry_size, root->entry_size);
	return address;
}

int acpi_find(const char *signature, size_t min_length, const void **table)
{
	struct root root;
	int r = find_root(&root);

	if (r)
		return r;
	for (unsigned i = 0; i < root_count(&root); i++) {
		uint64_t address = root_entry(&root, i);

		if (in_kept(address, sizeof(struct acpi_header)) && !memcmp(phys_cached(address), signature, 4))
			return acpi_table_at(address, signature, min_length, table);
	}
	return -ENOENT;
}

const char *acpi_oem(void)
{
	struct root root;

	return find_root(&root) ? NULL : root.table->oem;
}

const char *acpi_error(int error)
{
	switch (error) {
	case -ENOENT:
		return "not there";
	case -EFAULT:
		return "outside the memory that UEFI keeps";
	case -EINVAL:
		return "wrong length";
	case -EBADMSG:
		return "wrong checksum";
	default:
		return "not usable";
	}
}

/* A signature as it may be printed. */
static void printable(char out[5], const char signature[4])
{
	for (int i = 0; i < 4; i++)
		out[i] = signature[i] >= ' ' && signature[i] <= '~' ? signature[i] : '?';
	out[4] = 0;
}

static void list_one(uint64_t address)
{
	const struct acpi_header *h;
	char name[5];
	int r;

	if (!in_kept(address, sizeof *h)) {
		printf("ACPI: table at %#llx: %s\n", (unsigned long long)address, acpi_error(-EFAULT));
		return;
	}
	h = phys_cached(address);
	printable(name, h->signature);
	r = acpi_table_at(address, h->signature, 0, (const void **)&h);
	if (r)
		printf("ACPI: %s at %#llx: %s\n", name, (unsigned long long)address, acpi_error(r));
	else if (host.verbose)
		printf("ACPI: %s at %#llx, %u bytes, revision %u\n", name, (unsigned long long)address, h->length, h->revision);
}

void acpi_list(void)
{
	struct root root;

	if (find_root(&root))
		return;
	for (unsigned i = 0; i < root_count(&root); i++)
		list_one(root_entry(&root, i));
}
