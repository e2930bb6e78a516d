/*
 * First stage as a UEFI application: started by UEFI itself, or by GRUB's `linux` or `chainloader`. UEFI specification 2.10.
 */
#include <stdbool.h>
#include <string.h>

#include "arch/loongarch/boot.h"
#include "arch/loongarch/efi.h"
#include "arch/loongarch/rtc.h"

#define BYTES_PER_PIXEL 4

static struct boot_info boot;
static struct efi_system_table *st;

/* ---- messages ---- */

static void print_ascii(const char *text)
{
	for (; *text; text++) {
		uint16_t out[2] = { (uint8_t)*text, 0 };

		st->console_out->output_string(st->console_out, out);
	}
}

static void print_hex(uint64_t value)
{
	char digits[19] = "0x0000000000000000";

	for (int i = 17; value; i--, value >>= 4)
		digits[i] = "0123456789abcdef"[value & 15];
	print_ascii(digits);
}

void efi_print(const char *text, efi_status status)
{
	if (!st->console_out)
		return;
	print_ascii("firmware: ");
	print_ascii(text);
	if (status) {
		print_ascii(", status ");
		print_hex(status);
	}
	print_ascii("\r\n");
}

/* ---- command line ---- */

static bool is_text(const uint16_t *s, uint32_t n)
{
	for (; n && *s; s++, n--)
		if ((*s < ' ' && *s != '\t' && *s != '\r' && *s != '\n') || *s > '~')
			return false;
	return true;
}

/* The UEFI shell and GRUB's linux begin the options with the program's name; GRUB's chainloader does not. */
static void drop_program_name(char *line)
{
	size_t word = strcspn(line, " \t");
	const char *rest = line + word + strspn(line + word, " \t");

	if (word > 4 && line[word - 4] == '.' && (line[word - 3] | 0x20) == 'e' && (line[word - 2] | 0x20) == 'f' &&
	    (line[word - 1] | 0x20) == 'i')
		memmove(line, rest, strlen(rest) + 1);
}

/* Load options are UCS-2 text by custom only (9.1): boot managers put other data there too. */
static void take_options(const struct efi_loaded_image *image)
{
	const uint16_t *options = image->options;
	uint32_t n = options ? image->options_size / 2 : 0, i;
	char *line = boot.host.cmdline;

	if (!is_text(options, n)) {
		efi_print("the load options are not text and ignored", 0);
		return;
	}
	for (i = 0; i < n && options[i] && i < sizeof boot.host.cmdline - 1; i++)
		line[i] = (char)options[i];
	if (i < n && options[i])
		efi_print("the command line is too long and cut off", 0);
	drop_program_name(line);
}

/* ---- module ---- */

/* 10.3: vendor-defined media path, then the end of the path. */
static const struct {
	uint8_t type, subtype;
	uint16_t length;
	struct efi_guid vendor;
	uint8_t end_type, end_subtype;
	uint16_t end_length;
} __attribute__((packed)) initrd_path = { 4, 3, 20, EFI_GUID_INITRD, 0x7f, 0xff, 4 };

/* The protocol through which the loader hands over an initrd; NULL when it has none. */
static efi_status find_initrd(struct efi_load_file2 **loader, void **path)
{
	static const struct efi_guid load_file2 = EFI_GUID_LOAD_FILE2;
	efi_handle handle;
	efi_status status;

	*path = (void *)&initrd_path;
	*loader = NULL;
	status = st->boot->locate_device_path(&load_file2, path, &handle);
	if (status)
		return status == EFI_NOT_FOUND ? 0 : status;
	return st->boot->handle_protocol(handle, &load_file2, (void **)loader);
}

static efi_status load_module(void)
{
	struct efi_load_file2 *loader;
	void *path;
	uint64_t size = 0, address, pages;
	efi_status status = find_initrd(&loader, &path);

	if (status || !loader)
		return status;
	status = loader->load_file(loader, path, false, &size, NULL);
	if (status == EFI_NOT_FOUND || (!status && !size))
		return 0;
	if (status != EFI_BUFFER_TOO_SMALL)
		return status;
	pages = (size + EFI_PAGE - 1) / EFI_PAGE;
	status = st->boot->allocate_pages(EFI_ALLOCATE_ANY, EFI_LOADER_DATA, pages, &address);
	if (status)
		return status;
	status = loader->load_file(loader, path, false, &size, (void *)address);
	if (status)
		st->boot->free_pages(address, pages);
	else
		boot.host.module = (struct range){ address, size };
	return status;
}

/* ---- framebuffer and clock ---- */

static void take_framebuffer(void)
{
	static const struct efi_guid guid = EFI_GUID_GOP;
	struct efi_gop *gop;
	const struct efi_gop_info *info;

	if (st->boot->locate_protocol(&guid, NULL, (void **)&gop) || !gop->mode || !gop->mode->info)
		return;
	info = gop->mode->info;
	if (info->format >= EFI_GOP_BLT_ONLY || !gop->mode->base)
		return;
	boot.host.framebuffer = (struct range){ gop->mode->base, gop->mode->size };
	boot.host.fb_width = info->width;
	boot.host.fb_height = info->height;
	boot.host.fb_pitch = info->pixels_per_line * BYTES_PER_PIXEL;
	boot.host.fb_format = info->format;
}

static void take_clock(void)
{
	struct efi_time t;
	int zone;

	if (st->runtime->get_time(&t, NULL) || t.year < 1970 || t.month < 1 || t.month > 12 || t.day < 1 || t.day > 31)
		return;
	zone = t.timezone == EFI_TIMEZONE_UNKNOWN ? 0 : t.timezone;
	boot.wall_seconds = rtc_seconds(t.year, t.month, t.day, t.hour, t.minute, t.second) + (int64_t)zone * 60;
	boot.wall_counter = host_counter();
	boot.has_wall = true;
}

/* ---- */

static efi_status collect(efi_handle handle)
{
	static const struct efi_guid guid = EFI_GUID_LOADED_IMAGE;
	struct efi_loaded_image *image;
	efi_status status = st->boot->handle_protocol(handle, &guid, (void **)&image);

	if (status) {
		efi_print("no loaded image protocol", status);
		return status;
	}
	take_options(image);
	status = load_module();
	if (status) {
		efi_print("the initrd cannot be read", status);
		return status;
	}
	efi_scan_tables(&boot, st->tables, st->table_count);
	if (!boot.host.rsdp) {
		efi_print("this machine has no ACPI tables", 0);
		return EFI_UNSUPPORTED;
	}
	take_framebuffer();
	take_clock();
	return 0;
}

uint64_t efi_main(void *handle, void *system_table)
{
	efi_status status;

	st = system_table;
	boot.host.efi = true;
	status = collect(handle);
	if (!status)
		status = efi_exit(&boot, handle, st->boot);
	if (status)
		return status;
	boot_leave_uefi(&boot);
}
