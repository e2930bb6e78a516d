/*
 * The host machine, as the rest of the firmware sees it: what was found at boot, and the services of the host runtime.
 * No x86 notion in here.
 */
#ifndef ARCH_HOST_H
#define ARCH_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct range {
	uint64_t base, size; /* host physical */
};

#define HOST_MAX_RANGES 32

struct host_pci_window {
	uint64_t cpu;  /* host physical address the CPU uses */
	uint64_t pci;  /* what stands in a BAR for it */
	uint64_t size; /* 0: no such window */
};

struct host {
	bool efi;                           /* started by UEFI (ACPI), else directly (FDT) */
	char cmdline[2048];
	bool verbose;                       /* set by main(): discovery prints what it finds and does */
	struct range ram[HOST_MAX_RANGES];  /* all RAM that may be used, sorted, without the ranges below */
	unsigned nram;
	struct range kept[HOST_MAX_RANGES]; /* memory that UEFI wants kept; its tables are there and nowhere else */
	unsigned nkept;
	struct range image;                 /* where this image lies */
	struct range module;                /* replacement BIOS; size 0: none */
	uint64_t rsdp, fdt, smbios;         /* host physical; 0: absent */
	struct range framebuffer;           /* from GOP; size 0: none */
	uint32_t fb_width, fb_height, fb_pitch, fb_format; /* pixels, bytes per line, EFI_GRAPHICS_PIXEL_FORMAT */
	struct {
		uint64_t base;  /* 16550 registers, byte-spaced */
		uint32_t clock; /* Hz of its divisor input */
		int irq;        /* host interrupt number for irq_attach(); -1: none */
	} uart;
	struct host_pci_window pci_mem, pci_mem64, pci_io;
	uint64_t counter_hz;
	char cpu_name[64];
	unsigned ncpu;
};
extern struct host host;

/* Called once by main(): finds the machine's controllers and buses and brings them to a known state. 0 or a negative error after a message. */
int host_init(void);

/* ---- memory ---- */
/* Takes `size` bytes (rounded up to pages) of zeroed host RAM out of the firmware's own region; never given back. Returns the host physical address, or
 * 0 when there is none. align: power of two >= 4096. */
uint64_t host_alloc(uint64_t size, uint64_t align);
/* As above, of RAM as it is: for what is large and written before it is read. */
uint64_t host_alloc_raw(uint64_t size, uint64_t align);
/* Bytes that host_alloc() can still give out, in however many pieces. */
uint64_t host_free_memory(void);
/* The RAM a guest may have: host.ram without what the firmware keeps. Fills out[], sorted; returns the count. Valid after host_init(). */
unsigned host_guest_ram(struct range *out, unsigned max);
/* Leaves the guest only the lowest `size` bytes of its RAM, rounded down to pages. Before the board looks. */
void host_limit_guest_ram(uint64_t size);

/* ---- interrupts. Host interrupt numbers are EIOINTC vectors, 0-255. Handlers run with interrupts off, from irq_poll() only. ---- */
typedef void (*irq_fn)(void *ctx, int irq);
/* Attaches fn and enables the interrupt. 0, or -EBUSY, -EINVAL. Level interrupts through the PCH-PIC: the handler masks it or quiets the device. */
int irq_attach(int irq, irq_fn fn, void *ctx);
void irq_detach(int irq);
void irq_mask(int irq);
void irq_unmask(int irq);
/* Host interrupt of a PCI function's INTx pin (1-4), after bridge swizzling; -1 when there is none. */
int irq_of_pci_pin(uint32_t bdf, int pin);
/* A free message-signalled interrupt: its number (as for irq_attach), and what the device must write where. -ENOSPC when used up. */
int irq_msi_alloc(uint64_t *addr, uint32_t *data);
void irq_msi_free(int irq);
/* Runs the handlers of all host interrupts that are pending (timer included). Call with interrupts off. */
void irq_poll(void);
/* Waits until some host interrupt is pending (does not run handlers). Interrupts off before and after. */
void irq_wait(void);

/* ---- time ---- */
uint64_t host_counter(void);            /* stable counter, host.counter_hz */
/* One deadline in counter ticks; fn runs from irq_poll() once it has passed. UINT64_MAX: none. */
void host_timer_set_handler(void (*fn)(void));
void host_timer_arm(uint64_t deadline);
/* Wall clock: seconds since 1970-01-01 UTC from the host's RTC at boot plus elapsed time. */
uint64_t host_wall_seconds(void);

/* ---- PCI configuration. bdf = bus << 8 | device << 3 | function. size 1, 2, 4. Absent functions read all ones. ---- */
uint32_t host_pci_read(uint32_t bdf, unsigned reg, int size);
void host_pci_write(uint32_t bdf, unsigned reg, int size, uint32_t value);
/* Buses to look at: 0..last. */
unsigned host_pci_last_bus(void);

/* ---- console and end ---- */
void console_putc(char c);              /* polled, for early output and panics; printf goes here through libc */
void console_write(const char *s, size_t n);
_Noreturn void host_poweroff(void);
_Noreturn void host_reset(void);
/* Prints the message, registers if frame, and a symbolised backtrace, then powers off or waits. printf-like. */
struct trap_frame;
_Noreturn void panic(const struct trap_frame *frame, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ---- exceptions ---- */
/* Host registers at an exception. Same order in exception.h. */
struct trap_frame {
	uint64_t r[32];
	uint64_t era, prmd, estat, badv;
};
/* Called for exceptions other than the syscall gate, and for interrupts that do not end irq_wait(). Returns 0 when handled (resume), else the runtime panics. */
typedef int (*trap_fn)(void *ctx, struct trap_frame *frame);
void host_set_trap_handler(trap_fn fn, void *ctx);

/*
 * Whether this CPU's ASRTLE.D and ASRTGT.D compare unsigned numbers: the reference manual says signed, QEMU 10 compares unsigned. To be called
 * before there is a trap handler, with exceptions set up.
 */
bool host_asserts_unsigned(void);
/*
 * Interrupts are only ever taken in translated code and in irq_wait(): everything else runs with CRMD.IE = 0. They are not served there: the trap handler is
 * called with ECODE_INT, and is expected to clear the frame's PRMD.PIE, and to make the program get to irq_poll().
 * `syscall 0` executed at PLV3 continues after itself at PLV0 with interrupts off, all registers unchanged.
 */

#endif
