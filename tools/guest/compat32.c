/*
 * compat32 DEVICE START SECTORS: a 32-bit program for a 64-bit kernel, without a C library. It makes system calls by INT 80 and by the vDSO's
 * way (SYSENTER), device ioctls whose structures differ between 32 and 64 bits, loads a TLS segment, takes a signal, forks, and calls 64-bit code.
 * DEVICE is an ext2 partition that starts at sector START of its disk and has SECTORS sectors; standard input is COM1.
 *
 * Prints a line for each check that fails and one with the sum; exit status 0 when none failed.
 */

enum { SYS_exit = 1, SYS_fork = 2, SYS_write = 4, SYS_open = 5, SYS_getpid = 20, SYS_ioctl = 54, SYS_wait4 = 114, SYS_rt_sigaction = 174,
       SYS_pread64 = 180, SYS_mmap2 = 192, SYS_set_thread_area = 243 };
enum { PROT_READ = 1, MAP_PRIVATE = 2, SIGSEGV = 11, SA_SIGINFO = 4, EFAULT = 14, AT_SYSINFO = 32, PAGE = 4096 };
enum { EXT2_MAGIC = 0xef53, EXT2_MAGIC_AT = 1024 + 56 };
/* The requests as 32-bit programs know them. */
enum { BLKGETSIZE = 0x1260, BLKGETSIZE64 = 0x80041272, HDIO_GETGEO = 0x0301, TIOCGSERIAL = 0x541e, RTC_RD_TIME = 0x80247009,
       RTC_IRQP_READ = 0x8004700b };

/* Words of a signal's frame (struct ucontext, struct siginfo). */
enum { UC_TRAPNO = 17, UC_EIP = 19, UC_CS = 20, UC_CR2 = 26, SI_ADDR = 3 };

typedef long system_call(long number, long a, long b, long c, long d, long e, long f);
extern system_call call_int80, call_vdso;
extern unsigned long long call_64bit(unsigned a, unsigned b);
extern int read_or_fault(const int *address);
extern const char read_fault[], read_faulted[];
long vdso_entry, kept_x87, kept_xmm;
long long pid_64bit;

static int passed, failed;
static unsigned char page[PAGE];

static int length(const char *s)
{
	int n = 0;

	while (s[n])
		n++;
	return n;
}

static void print(const char *s)
{
	call_int80(SYS_write, 1, (long)s, length(s), 0, 0, 0);
}

static void print_number(unsigned long n)
{
	char text[12], *p = text + sizeof(text) - 1;

	*p = 0;
	do
		*--p = '0' + n % 10;
	while (n /= 10);
	print(p);
}

static void same(const char *what, unsigned long got, unsigned long expected)
{
	if (got == expected) {
		passed++;
		return;
	}
	failed++;
	print("compat32: ");
	print(what);
	print(": got ");
	print_number(got);
	print(", expected ");
	print_number(expected);
	print("\n");
}

static unsigned long number(const char *s)
{
	unsigned long n = 0;

	for (; *s >= '0' && *s <= '9'; s++)
		n = n * 10 + (*s - '0');
	return n;
}

/* The sixth argument of mmap2 tells the page of the device. */
static void check_calls(system_call *call, long device)
{
	const unsigned char *mapped = (const unsigned char *)call(SYS_mmap2, 0, PAGE, PROT_READ, MAP_PRIVATE, device, 1);
	int i, equal = 0;

	same("read of a page", call(SYS_pread64, device, (long)page, PAGE, PAGE, 0, 0), PAGE);
	same("map of a page", (unsigned long)mapped < -4095ul, 1);
	for (i = 0; (unsigned long)mapped < -4095ul && i < PAGE; i++)
		equal += mapped[i] == page[i];
	same("equal bytes in a page read and mapped", equal, PAGE);
	same("first superblock", call(SYS_pread64, device, (long)page, PAGE, 0, 0, 0), PAGE);
	same("magic number of the file system", page[EXT2_MAGIC_AT] | page[EXT2_MAGIC_AT + 1] << 8, EXT2_MAGIC);
	same("error of a read to nowhere", call(SYS_pread64, device, 16, PAGE, 0, 0, 0), -EFAULT);
	same("process number", call(SYS_getpid, 0, 0, 0, 0, 0, 0), call_int80(SYS_getpid, 0, 0, 0, 0, 0, 0));
}

static long ioctl(long file, unsigned request, void *argument)
{
	return call_vdso(SYS_ioctl, file, request, (long)argument, 0, 0, 0);
}

static void check_disk(long device, unsigned long start, unsigned long sectors)
{
	struct { unsigned char heads, sectors; unsigned short cylinders; unsigned long start; } geometry = { 0, 0, 0, 0 };
	unsigned long size = 0, guard[2] = { 0, 0x600dc0de };
	unsigned long long bytes = 0;

	same("HDIO_GETGEO", ioctl(device, HDIO_GETGEO, &geometry), 0);
	same("start of the partition", geometry.start, start);
	same("BLKGETSIZE", ioctl(device, BLKGETSIZE, guard), 0);
	same("sectors of the partition", guard[0], sectors);
	same("word behind a 32-bit result", guard[1], 0x600dc0de);
	same("BLKGETSIZE64", ioctl(device, BLKGETSIZE64, &bytes), 0);
	size = bytes >> 9;
	same("bytes of the partition", size, sectors);
}

static void check_devices(void)
{
	struct { int type, line; unsigned port; int irq, rest[16]; } serial = { 0, 0, 0, 0, { 0 } };
	struct { int second, minute, hour, day, month, year, rest[3]; } time = { 0, 0, 0, 0, 0, 0, { 0 } };
	long rtc = call_vdso(SYS_open, (long)"/dev/rtc0", 0, 0, 0, 0, 0);
	unsigned long frequency[2] = { 0, 0x600dc0de };

	same("TIOCGSERIAL", ioctl(0, TIOCGSERIAL, &serial), 0);
	same("port of COM1", serial.port, 0x3f8);
	same("interrupt of COM1", serial.irq, 4);
	same("RTC_RD_TIME", ioctl(rtc, RTC_RD_TIME, &time), 0);
	same("a year of this century", time.year >= 100 && time.year < 200, 1);
	same("RTC_IRQP_READ", ioctl(rtc, RTC_IRQP_READ, frequency), 0);
	same("the clock's interrupt frequency", frequency[0], 1024);
	same("word behind a 32-bit frequency", frequency[1], 0x600dc0de);
}

static void check_tls(void)
{
	static unsigned long block[4] = { 0x12345678, 0x9abcdef0, 0, 0 };
	unsigned long descriptor[4] = { -1, (unsigned long)block, 0xfffff, 0x51 /* 32-bit, pages, usable */ }, first, second;

	same("set_thread_area", call_vdso(SYS_set_thread_area, (long)descriptor, 0, 0, 0, 0, 0), 0);
	__asm__ volatile("movw %w2, %%gs\n\tmovl %%gs:0, %0\n\tmovl %%gs:4, %1" : "=&r"(first), "=&r"(second) : "r"(descriptor[0] * 8 + 3));
	same("TLS segment", first, block[0]);
	same("TLS segment, second word", second, block[1]);
}

static unsigned long frame_at[4];

static void on_fault(int signal, unsigned long *siginfo, unsigned long *context)
{
	(void)signal;
	frame_at[0] = context[UC_TRAPNO];
	frame_at[1] = context[UC_EIP];
	frame_at[2] = context[UC_CR2];
	frame_at[3] = siginfo[SI_ADDR];
	context[UC_EIP] = (unsigned long)read_faulted;
}

static void check_signal(void)
{
	unsigned long nowhere = 0x1010;
	struct { void *handler; unsigned long flags; void *restorer; unsigned long mask[2]; } action = { on_fault, SA_SIGINFO, 0, { 0, 0 } };

	same("rt_sigaction", call_vdso(SYS_rt_sigaction, SIGSEGV, (long)&action, 0, 8, 0, 0), 0);
	same("a read that faults", read_or_fault((const int *)nowhere), -1);
	same("a page fault's number in the frame", frame_at[0], 14);
	same("EIP in the frame", frame_at[1], (unsigned long)read_fault);
	same("CR2 in the frame", frame_at[2], nowhere);
	same("address of the signal", frame_at[3], nowhere);
	same("x87 register after a signal", kept_x87, nowhere);
	same("XMM register after a signal", kept_xmm, nowhere);
}

static void check_fork(void)
{
	long child = call_vdso(SYS_fork, 0, 0, 0, 0, 0, 0);
	int status = 0;

	if (!child)
		call_int80(SYS_exit, 7, 0, 0, 0, 0, 0);
	same("wait for a child", call_int80(SYS_wait4, child, (long)&status, 0, 0, 0, 0), child);
	same("status of the child", status, 7 << 8);
}

static void check_64bit(void)
{
	unsigned a = 0x89abcdef, b = 0x76543210;
	unsigned long long got = call_64bit(a, b), expected = (a * (b + 0x100000000ull)) >> 8;

	same("64-bit code: low half", got, (unsigned long)expected);
	same("64-bit code: high half", got >> 32, (unsigned long)(expected >> 32));
	same("64-bit system call", pid_64bit, call_int80(SYS_getpid, 0, 0, 0, 0, 0, 0));
}

/* What the vDSO's entry is comes behind the arguments and the environment. */
static long find_vdso(char **environment)
{
	unsigned long *auxiliary;

	while (*environment)
		environment++;
	for (auxiliary = (unsigned long *)environment + 1; auxiliary[0]; auxiliary += 2)
		if (auxiliary[0] == AT_SYSINFO)
			return auxiliary[1];
	return 0;
}

/* `stack` is as the kernel leaves it: the number of arguments, the arguments, the environment. */
void run(long *stack)
{
	long arguments = stack[0], device;
	char **argument = (char **)(stack + 1);

	if (arguments != 4) {
		print("usage: compat32 DEVICE START SECTORS\n");
		call_int80(SYS_exit, 2, 0, 0, 0, 0, 0);
	}
	vdso_entry = find_vdso(argument + arguments + 1);
	device = call_int80(SYS_open, (long)argument[1], 0, 0, 0, 0, 0);
	if (!vdso_entry || device < 0) {
		print("compat32: no vDSO, or the device cannot be opened\n");
		call_int80(SYS_exit, 1, 0, 0, 0, 0, 0);
	}
	check_calls(call_int80, device);
	check_calls(call_vdso, device);
	check_disk(device, number(argument[2]), number(argument[3]));
	check_devices();
	check_tls();
	check_signal();
	check_fork();
	check_64bit();
	print("compat32: ");
	print_number(passed);
	print(" passed, ");
	print_number(failed);
	print(" failed\n");
	call_int80(SYS_exit, failed != 0, 0, 0, 0, 0, 0);
}
