/*
 * Takes the place of musl's arch/loongarch64/syscall_arch.h when musl is built: a system call is a call of bare_syscall(), with
 * the six arguments of the LoongArch Linux ABI. No vDSO: clock_gettime() comes this way too.
 */
#define __SYSCALL_LL_E(x) (x)
#define __SYSCALL_LL_O(x) (x)

__attribute__((visibility("hidden")))
long bare_syscall(long number, long a, long b, long c, long d, long e, long f);

static inline long __syscall0(long n) { return bare_syscall(n, 0, 0, 0, 0, 0, 0); }
static inline long __syscall1(long n, long a) { return bare_syscall(n, a, 0, 0, 0, 0, 0); }
static inline long __syscall2(long n, long a, long b) { return bare_syscall(n, a, b, 0, 0, 0, 0); }
static inline long __syscall3(long n, long a, long b, long c) { return bare_syscall(n, a, b, c, 0, 0, 0); }
static inline long __syscall4(long n, long a, long b, long c, long d) { return bare_syscall(n, a, b, c, d, 0, 0); }
static inline long __syscall5(long n, long a, long b, long c, long d, long e)
{
	return bare_syscall(n, a, b, c, d, e, 0);
}
static inline long __syscall6(long n, long a, long b, long c, long d, long e, long f)
{
	return bare_syscall(n, a, b, c, d, e, f);
}

#define IPC_64 0
