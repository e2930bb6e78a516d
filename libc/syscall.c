/*
 * The system calls musl makes, in terms of the host runtime. What is not here says so once and fails with ENOSYS.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>

#include "arch/loongarch/host.h"
#include "libc/libc.h"

#define NUMBERS 512

static long sys_writev(long fd, const struct iovec *v, long n)
{
	long total = 0;

	if (fd != 1 && fd != 2)
		return -EBADF;
	for (long i = 0; i < n; i++) {
		console_write(v[i].iov_base, v[i].iov_len);
		total += v[i].iov_len;
	}
	return total;
}

static long sys_write(long fd, const void *p, long n)
{
	struct iovec v = { (void *)p, n };

	return sys_writev(fd, &v, 1);
}

/* stdio asks for the window size to learn whether stdout is a terminal: it is, so it is line-buffered. */
static long sys_ioctl(long fd, long request, struct winsize *w)
{
	if (request != TIOCGWINSZ || fd < 0 || fd > 2)
		return -ENOTTY;
	*w = (struct winsize){ .ws_row = 25, .ws_col = 80 };
	return 0;
}

static long sys_mmap(size_t size)
{
	void *p = heap_alloc(size);

	return p ? (long)p : -ENOMEM;
}

static long sys_clock_gettime(clockid_t id, struct timespec *ts)
{
	uint64_t t = host_counter();

	ts->tv_sec = id == CLOCK_REALTIME ? host_wall_seconds() : t / host.counter_hz;
	ts->tv_nsec = t % host.counter_hz * 1000000000 / host.counter_hz;
	return 0;
}

static long unsupported(long number)
{
	static uint8_t told[NUMBERS / 8];

	if (number < 0 || number >= NUMBERS)
		return -ENOSYS;
	if (!(told[number / 8] & 1 << number % 8)) {
		char s[48];

		told[number / 8] |= 1 << number % 8;
		console_write(s, snprintf(s, sizeof s, "libc: system call %ld is not supported\n", number));
	}
	return -ENOSYS;
}

long bare_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	(void)d, (void)e, (void)f;
	switch (number) {
	case SYS_writev:
		return sys_writev(a, (const struct iovec *)b, c);
	case SYS_write:
		return sys_write(a, (const void *)b, c);
	case SYS_ioctl:
		return sys_ioctl(a, b, (struct winsize *)c);
	case SYS_mmap:
		return sys_mmap(b);
	case SYS_munmap:
		heap_free((void *)a, b);
		return 0;
	case SYS_mremap: /* realloc() falls back to copying */
	case SYS_brk:    /* malloc() falls back to mmap() */
		return -ENOMEM;
	case SYS_madvise:
	case SYS_mprotect:
	case SYS_rt_sigprocmask:
	case SYS_rt_sigaction:
		return 0;
	case SYS_set_tid_address:
	case SYS_gettid:
	case SYS_getpid:
		return 1;
	case SYS_clock_gettime:
		return sys_clock_gettime(a, (struct timespec *)b);
	case SYS_tkill:
	case SYS_kill:
		panic(NULL, "libc raised signal %ld", b);
	case SYS_exit:
	case SYS_exit_group:
		host_poweroff();
	default:
		return unsupported(number);
	}
}
