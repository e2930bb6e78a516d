#include "firmware/acpi_loader.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "hw/board.h"

#define NAME_SIZE 56
#define MAX_COMMANDS 48

enum { COMMAND_ALLOCATE = 1, COMMAND_ADD_POINTER = 2, COMMAND_ADD_CHECKSUM = 3 };

struct command {
	uint32_t command;
	union {
		struct {
			char file[NAME_SIZE];
			uint32_t align;
			uint8_t zone;
		} allocate;
		struct {
			char file[NAME_SIZE], target[NAME_SIZE];
			uint32_t offset;
			uint8_t size;
		} __attribute__((packed)) pointer;
		struct {
			char file[NAME_SIZE];
			uint32_t offset, start, length;
		} checksum;
		uint8_t pad[124];
	};
} __attribute__((packed));
_Static_assert(sizeof(struct command) == 128, "size of a loader command");

static struct command commands[MAX_COMMANDS];
static unsigned ncommands;
static bool overflow;

static struct command *add(uint32_t command)
{
	static struct command spare;
	struct command *c = &spare;

	if (ncommands < MAX_COMMANDS)
		c = &commands[ncommands++];
	else
		overflow = true;
	memset(c, 0, sizeof *c);
	c->command = command;
	return c;
}

static void set_name(char *to, const char *name)
{
	strncpy(to, name, NAME_SIZE - 1);
}

void loader_allocate(const char *file, uint32_t align, enum loader_zone zone)
{
	struct command *c = add(COMMAND_ALLOCATE);

	set_name(c->allocate.file, file);
	c->allocate.align = align;
	c->allocate.zone = (uint8_t)zone;
}

void loader_pointer(const char *file, uint32_t offset, uint8_t size, const char *target)
{
	struct command *c = add(COMMAND_ADD_POINTER);

	set_name(c->pointer.file, file);
	set_name(c->pointer.target, target);
	c->pointer.offset = offset;
	c->pointer.size = size;
}

void loader_checksum(const char *file, uint32_t offset, uint32_t start, uint32_t length)
{
	struct command *c = add(COMMAND_ADD_CHECKSUM);

	set_name(c->checksum.file, file);
	c->checksum.offset = offset;
	c->checksum.start = start;
	c->checksum.length = length;
}

int loader_publish(void)
{
	if (overflow)
		return -ENOSPC;
	return fwcfg_add_file("etc/table-loader", commands, ncommands * (uint32_t)sizeof commands[0]);
}
