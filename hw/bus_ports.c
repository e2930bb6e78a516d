/*
 * The I/O port bus. A table with one byte for each port says whose it is, so that an access costs one look-up.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "hw/bus.h"

#define MAX_CLAIMS 255

struct claim {
	const struct port_ops *ops; /* NULL: the slot is free */
	void *ctx;
	uint16_t first;
	uint32_t count;
	uint64_t age; /* the higher, the later: wins */
};

static struct claim claims[MAX_CLAIMS + 1]; /* slot 0: nobody */
static uint8_t owner[65536];
static uint64_t next_age = 1;

static bool covers(const struct claim *c, uint32_t port)
{
	return c->ops && port >= c->first && port - c->first < c->count;
}

int bus_add_ports(uint16_t first, unsigned count, const struct port_ops *ops, void *ctx)
{
	unsigned slot = 1;

	if (count > 65536u - first)
		count = 65536u - first;
	while (slot <= MAX_CLAIMS && claims[slot].ops)
		slot++;
	if (slot > MAX_CLAIMS)
		return -ENOMEM;
	claims[slot] = (struct claim){ .ops = ops, .ctx = ctx, .first = first, .count = count, .age = next_age++ };
	memset(owner + first, (int)slot, count);
	return 0;
}

static unsigned latest_claim(uint32_t port)
{
	unsigned best = 0;

	for (unsigned i = 1; i <= MAX_CLAIMS; i++)
		if (covers(&claims[i], port) && claims[i].age > claims[best].age)
			best = i;
	return best;
}

void bus_remove_ports(uint16_t first, unsigned count, void *ctx)
{
	for (unsigned slot = 1; slot <= MAX_CLAIMS; slot++) {
		struct claim *c = &claims[slot];

		if (!c->ops || c->first != first || c->ctx != ctx)
			continue;
		if (c->count != count && c->count != 65536u - first)
			continue;
		c->ops = NULL;
		for (uint32_t port = first; port < first + c->count; port++)
			if (owner[port] == slot)
				owner[port] = (uint8_t)latest_claim(port);
		return;
	}
}

/* Whether the owner of the first port takes the access whole. */
static bool takes_whole(const struct claim *c, uint16_t port, int size)
{
	if (c->ops && c->ops->max_size && size > c->ops->max_size)
		return false;
	for (int i = 1; i < size; i++)
		if (owner[(uint16_t)(port + i)] != owner[port])
			return false;
	return true;
}

static uint32_t ones(int size)
{
	return size >= 4 ? 0xffffffffu : (1u << (8 * size)) - 1;
}

static __attribute__((noinline)) uint32_t read_several(uint16_t port, int size)
{
	const struct claim *c = &claims[owner[port]];
	int half = size / 2;

	if (takes_whole(c, port, size)) {
		if (!c->ops || !c->ops->read)
			return ones(size);
		return c->ops->read(c->ctx, port, size) & ones(size);
	}
	uint32_t low = bus_port_read(port, half);

	return low | bus_port_read((uint16_t)(port + half), half) << (8 * half);
}

static __attribute__((noinline)) void write_several(uint16_t port, int size, uint32_t value)
{
	const struct claim *c = &claims[owner[port]];
	int half = size / 2;

	if (takes_whole(c, port, size)) {
		if (c->ops && c->ops->write)
			c->ops->write(c->ctx, port, size, value & ones(size));
		return;
	}
	bus_port_write(port, half, value);
	bus_port_write((uint16_t)(port + half), half, value >> (8 * half));
}

uint32_t bus_port_read(uint16_t port, int size)
{
	const struct claim *c = &claims[owner[port]];

	if (size > 1)
		return read_several(port, size);
	return c->ops && c->ops->read ? c->ops->read(c->ctx, port, 1) & 0xff : 0xff;
}

void bus_port_write(uint16_t port, int size, uint32_t value)
{
	const struct claim *c = &claims[owner[port]];

	if (size > 1)
		write_several(port, size, value);
	else if (c->ops && c->ops->write)
		c->ops->write(c->ctx, port, 1, value & 0xff);
}
