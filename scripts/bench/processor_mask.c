/* Hides features of an x86-64 processor from a program: LD_PRELOAD=…, HIDDEN_FEATURES=AMX,VNNI,AVX512,AVX2.

   Linux lets a program forbid itself the instruction CPUID, which then raises SIGSEGV; the handler runs it and clears
   the bits of what is hidden. */
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <cpuid.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { AMX = 1, VNNI = 2, AVX512 = 4, AVX2 = 8 };
static unsigned hidden;

static int allow_cpuid(int allowed) { return syscall(SYS_arch_prctl, ARCH_SET_CPUID, allowed); }

static void answer(int signal_number, siginfo_t *info, void *context) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    const uint8_t *code = (const uint8_t *)registers[REG_RIP];
    (void)info;
    if (code[0] != 0x0f || code[1] != 0xa2) { /* another fault */
        signal(signal_number, SIG_DFL);
        return;
    }
    uint32_t leaf = registers[REG_RAX], part = registers[REG_RCX], a, b, c, d;
    allow_cpuid(1);
    __cpuid_count(leaf, part, a, b, c, d);
    allow_cpuid(0);
    if (leaf == 1 && hidden & AVX2) c &= ~(1u << 12 | 1u << 28 | 1u << 29); /* FMA, AVX, F16C */
    if (leaf == 7 && part == 0) {
        if (hidden & AMX) d &= ~(1u << 22 | 1u << 24 | 1u << 25);
        if (hidden & VNNI) c &= ~(1u << 11);
        if (hidden & AVX512) {
            b &= ~(1u << 16 | 1u << 17 | 1u << 21 | 1u << 26 | 1u << 27 | 1u << 28 | 1u << 30 | 1u << 31);
            c &= ~(1u << 1 | 1u << 6 | 1u << 11 | 1u << 12 | 1u << 14);
            d &= ~(1u << 2 | 1u << 3 | 1u << 8 | 1u << 23);
        }
        if (hidden & AVX2) b &= ~(1u << 5);
    }
    if (leaf == 7 && part == 1) {
        if (hidden & AMX) a &= ~(1u << 21);
        if (hidden & VNNI) a &= ~(1u << 4), d &= ~(1u << 4 | 1u << 10);
        if (hidden & AVX512) a &= ~(1u << 5);
        if (hidden & AVX2) a &= ~(1u << 23);
    }
    registers[REG_RAX] = a, registers[REG_RBX] = b, registers[REG_RCX] = c, registers[REG_RDX] = d;
    registers[REG_RIP] += 2;
}

__attribute__((constructor)) static void begin(void) {
    const char *names = getenv("HIDDEN_FEATURES");
    struct sigaction action;
    if (names == NULL || *names == 0) return;
    if (strstr(names, "AMX")) hidden |= AMX;
    if (strstr(names, "VNNI")) hidden |= VNNI;
    if (strstr(names, "AVX512")) hidden |= AVX512;
    if (strstr(names, "AVX2")) hidden |= AVX2;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = answer;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    if (sigaction(SIGSEGV, &action, NULL) || allow_cpuid(0)) {
        fputs("this processor or kernel cannot hide features (no CPUID faulting)\n", stderr);
        _exit(3);
    }
}
