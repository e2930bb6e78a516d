#include "bench/x86/layout.h"
#include "tests/endurance/churn/churn.h"
#include "tests/lib/guest/console.h"

#define COM1 0x3f8
#define FIFO_ON 1
#define DATA_READY 1
#define KEYS 3
#define QUARTERS 4
#define ROUNDS 1000
#define WAIT_SECONDS 3600

/* How long it goes on, in the machine's seconds. tests/endurance/churn.py writes that here. */
static const volatile char length[] = "SECONDS:00000";

static uint32_t seconds_wanted(void)
{
	uint32_t v = 0;

	for (unsigned k = 8; k < sizeof length - 1; k++)
		v = v * 10 + (uint32_t)(length[k] - '0');
	return v;
}

/* Keys are typed for all quarters when the program says that it begins: they may take a while on a busy machine. */
static void wait_for_keys(void)
{
	while (!(in8(COM1 + 5) & DATA_READY) && clock_seconds() < WAIT_SECONDS)
		;
}

/* What was typed long ago is taken now: the keys at which the firmware prints its profile. */
static void take_keys(void)
{
	for (unsigned k = 0; k < KEYS && in8(COM1 + 5) & DATA_READY; k++)
		in8(COM1);
}

static void begin_quarter(unsigned number)
{
	print("quarter ");
	print_number(number);
	print("\n");
	console_flush();
	take_keys();
}

static void interval(uint32_t number)
{
	uint64_t since = clock_tsc();
	uint32_t sum = work(ROUNDS, number);

	since = clock_tsc() - since;
	print("interval ");
	print_number(number);
	print(": sum ");
	print_hex(sum, 8);
	print(" took ");
	print_hex(since, 16);
	print(" faults ");
	print_hex(faults, 8);
	print(" loads ");
	print_hex(loads, 8);
	clocks_print();
	print("\n");
}

void bench_main(void)
{
	uint32_t seconds = seconds_wanted(), quarter = 0, since;

	outb(COM1 + 2, FIFO_ON);
	frames_init();
	spaces_init();
	clocks_init();
	print("churn: begin\n");
	clocks_print_units();
	__asm__ volatile("sti");
	wait_for_keys();
	since = clock_seconds();
	for (uint32_t n = 0; clock_seconds() - since < seconds; n++) {
		if (quarter < QUARTERS && clock_seconds() - since >= seconds / QUARTERS * quarter)
			begin_quarter(quarter++);
		interval(n);
		__asm__ volatile("hlt");
	}
	__asm__ volatile("cli");
	print("done\n");
	console_flush();
}
