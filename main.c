/*
 * From a running C library to a running PC.
 */
#include <stdio.h>

#include "arch/loongarch/host.h"
#include "cmdline.h"
#include "hw/board.h"
#include "hw/pm.h"
#include "translator/cpu.h"
#include "translator/profile.h"

#ifndef VERSION
#define VERSION "unknown"
#endif

#define MIB (1ull << 20)

static void print_host(void)
{
	printf("\nx86 PC firmware, version %s\n", VERSION);
	printf("host: %s, %u CPU%s, counter %llu kHz\n", host.cpu_name, host.ncpu, host.ncpu == 1 ? "" : "s",
	       (unsigned long long)host.counter_hz / 1000);
}

static void print_memory(void)
{
	unsigned long long total = 0;

	for (unsigned i = 0; i < board_ram.n; i++) {
		total += board_ram.r[i].size;
		if (host.verbose)
			printf("memory: %#llx - %#llx\n", (unsigned long long)board_ram.r[i].base,
			       (unsigned long long)(board_ram.r[i].base + board_ram.r[i].size - 1));
	}
	printf("memory for the guest: %llu MiB\n\n", total / MIB);
}

/* The largest code cache that leaves half of the firmware's memory to everything else; its tables are two to three times as large as itself. */
static uint64_t fitting_cache(void)
{
	uint64_t size = CACHE_MAX;

	while (size > CACHE_MIN && size > host_free_memory() / 8)
		size /= 2;
	return size;
}

static void show_profile(void *cpu)
{
	profile_print(cpu);
}

static void press_power_button(void *ctx)
{
	(void)ctx;
	pm_power_button();
}

/* Makes the PC and runs it until the guest turns it off. 0 or a negative error. */
static int run(const struct options *options)
{
	uint64_t cache = options->cache;
	struct cpu *cpu;
	int err = host_init();

	if (err < 0)
		return err;
	print_host();
	if (!cache)
		cache = fitting_cache();
	cpu = cpu_create(0, cache);
	if (!cpu) {
		printf("cpu: not enough memory for a code cache of %llu MiB (cache=SIZE makes it smaller)\n",
		       (unsigned long long)(cache / MIB));
		return -1;
	}
	err = board_init(cpu);
	if (err < 0)
		return err;
	print_memory();
	serial_on_key('b', press_power_button, NULL);
	if (options->profile) {
		err = profile_start(cpu);
		if (err < 0)
			printf("profile: not enough memory, it stays off\n");
		serial_on_key('p', show_profile, cpu);
	}
	cpu_run(cpu);
	profile_print(cpu);
	return 0;
}

int main(int argc, char **argv)
{
	struct options options;

	cmdline_parse(argc > 1 ? argv[1] : "", &options);
	host.verbose = options.verbose;
	if (options.bioslog)
		debugport_show_text();
	host_limit_guest_ram(options.memory);
	if (run(&options) < 0)
		printf("The machine cannot be started.\n");
	host_poweroff();
}
