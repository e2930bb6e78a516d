/*
 * The part of UEFI that the first stage uses (UEFI specification 2.10; section numbers below). Layouts are the specification's.
 */
#ifndef ARCH_EFI_H
#define ARCH_EFI_H

#include <stdint.h>

typedef uint64_t efi_status;
typedef void *efi_handle;

#define EFI_ERROR_BIT (1ull << 63)
#define EFI_INVALID_PARAMETER (EFI_ERROR_BIT | 2)
#define EFI_UNSUPPORTED (EFI_ERROR_BIT | 3)
#define EFI_BUFFER_TOO_SMALL (EFI_ERROR_BIT | 5)
#define EFI_OUT_OF_RESOURCES (EFI_ERROR_BIT | 9)
#define EFI_NOT_FOUND (EFI_ERROR_BIT | 14)

struct efi_guid {
	uint32_t a;
	uint16_t b, c;
	uint8_t d[8];
};

struct efi_header {
	uint64_t signature;
	uint32_t revision, size, crc, reserved;
};
#define EFI_SYSTEM_TABLE_SIGNATURE 0x5453595320494249ull /* "IBI SYST" */

/* 7.2.3 */
struct efi_memory {
	uint32_t type, pad;
	uint64_t physical, virtual, pages, attributes;
};
enum {
	EFI_RESERVED, EFI_LOADER_CODE, EFI_LOADER_DATA, EFI_BOOT_CODE, EFI_BOOT_DATA, EFI_RUNTIME_CODE, EFI_RUNTIME_DATA,
	EFI_CONVENTIONAL, EFI_UNUSABLE, EFI_ACPI_RECLAIM, EFI_ACPI_NVS, EFI_MMIO, EFI_MMIO_PORT, EFI_PAL, EFI_PERSISTENT,
};
#define EFI_ALLOCATE_ANY 0
#define EFI_ALLOCATE_MAX_ADDRESS 1
#define EFI_PAGE 4096

/* 8.3.1 */
struct efi_time {
	uint16_t year;
	uint8_t month, day, hour, minute, second, pad1;
	uint32_t nanosecond;
	int16_t timezone; /* minutes that local time is behind UTC, or EFI_TIMEZONE_UNKNOWN */
	uint8_t daylight, pad2;
};
#define EFI_TIMEZONE_UNKNOWN 0x7ff

struct efi_runtime_services {
	struct efi_header header;
	efi_status (*get_time)(struct efi_time *, void *capabilities);
};

/* 4.4; functions that are not called have no type */
struct efi_boot_services {
	struct efi_header header;
	void *raise_tpl, *restore_tpl;
	efi_status (*allocate_pages)(int how, int type, uint64_t pages, uint64_t *address);
	efi_status (*free_pages)(uint64_t address, uint64_t pages);
	efi_status (*get_memory_map)(uint64_t *size, void *map, uint64_t *key, uint64_t *entry_size, uint32_t *version);
	efi_status (*allocate_pool)(int type, uint64_t size, void **buffer);
	efi_status (*free_pool)(void *);
	void *create_event, *set_timer, *wait_for_event, *signal_event, *close_event, *check_event;
	void *install_protocol, *reinstall_protocol, *uninstall_protocol;
	efi_status (*handle_protocol)(efi_handle, const struct efi_guid *, void **interface);
	void *reserved, *register_notify, *locate_handle;
	efi_status (*locate_device_path)(const struct efi_guid *, void **path, efi_handle *);
	void *install_table, *load_image, *start_image, *exit, *unload_image;
	efi_status (*exit_boot_services)(efi_handle, uint64_t key);
	void *next_monotonic, *stall, *set_watchdog, *connect, *disconnect, *open_protocol, *close_protocol, *open_information;
	void *protocols_per_handle, *locate_handle_buffer;
	efi_status (*locate_protocol)(const struct efi_guid *, void *registration, void **interface);
};

/* 12.4 */
struct efi_text_output {
	void *reset;
	efi_status (*output_string)(struct efi_text_output *, const uint16_t *);
};

/* 4.3, 4.6 */
struct efi_table {
	struct efi_guid guid;
	uint64_t table;
};
struct efi_system_table {
	struct efi_header header;
	const uint16_t *vendor;
	uint32_t firmware_revision;
	efi_handle console_in_handle;
	void *console_in;
	efi_handle console_out_handle;
	struct efi_text_output *console_out;
	efi_handle error_handle;
	void *error_out;
	struct efi_runtime_services *runtime;
	struct efi_boot_services *boot;
	uint64_t table_count;
	struct efi_table *tables;
};

/* 9.1 */
struct efi_loaded_image {
	uint32_t revision;
	efi_handle parent;
	struct efi_system_table *system;
	efi_handle device;
	void *path, *reserved;
	uint32_t options_size;
	uint16_t *options;
	void *base;
	uint64_t size;
};

/* 12.9.2 */
struct efi_gop_info {
	uint32_t version, width, height, format, masks[4], pixels_per_line;
};
struct efi_gop_mode {
	uint32_t max_mode, mode;
	struct efi_gop_info *info;
	uint64_t info_size, base, size;
};
struct efi_gop {
	void *query, *set, *blt;
	struct efi_gop_mode *mode;
};
#define EFI_GOP_BLT_ONLY 3

/* 13.2 */
struct efi_load_file2 {
	efi_status (*load_file)(struct efi_load_file2 *, void *path, uint8_t policy, uint64_t *size, void *buffer);
};

#define EFI_GUID_FDT { 0xb1b621d5, 0xf19c, 0x41a5, { 0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69, 0xaa, 0xe0 } }
#define EFI_GUID_ACPI_20 { 0x8868e871, 0xe4f1, 0x11d3, { 0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81 } }
#define EFI_GUID_ACPI_10 { 0xeb9d2d30, 0x2d88, 0x11d3, { 0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d } }
#define EFI_GUID_SMBIOS3 { 0xf2fd1544, 0x9794, 0x4a2c, { 0x99, 0x2e, 0xe5, 0xbb, 0xcf, 0x20, 0xe3, 0x94 } }
#define EFI_GUID_SMBIOS { 0xeb9d2d31, 0x2d88, 0x11d3, { 0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d } }
#define EFI_GUID_LOADED_IMAGE { 0x5b1b31a1, 0x9562, 0x11d2, { 0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b } }
#define EFI_GUID_GOP { 0x9042a9de, 0x23dc, 0x4a38, { 0x96, 0xfb, 0x7a, 0xde, 0xd0, 0x80, 0x51, 0x6a } }
#define EFI_GUID_LOAD_FILE2 { 0x4006c0c1, 0xfcb3, 0x403e, { 0x99, 0x6d, 0x4a, 0x6c, 0x87, 0x24, 0xe0, 0x6d } }
/* Vendor media device path of the initrd (Linux), and the configuration table through which QEMU's direct boot passes one */
#define EFI_GUID_INITRD { 0x5568e427, 0x68fc, 0x4f3d, { 0xac, 0x74, 0xca, 0x55, 0x52, 0x31, 0xcc, 0x68 } }

/* efi.c: one line on the console of UEFI; while boot services run. status 0 is not shown. */
void efi_print(const char *text, efi_status status);
/*
 * efi_memory.c: takes the memory map into boot->host and ends boot services. 0; or an error, after a message where one is still possible.
 */
struct boot_info;
efi_status efi_exit(struct boot_info *boot, efi_handle image, struct efi_boot_services *services);

/* efi_tables.c: takes what boot wants from a configuration table, whose addresses are physical. */
void efi_scan_tables(struct boot_info *boot, const struct efi_table *tables, uint64_t count);

#endif
