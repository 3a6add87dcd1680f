#include "points.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define ROLE_CAP 96
#define SOCKETS_MAX 4096 /* of one short playing; a reused descriptor is another socket */
#define NAMES_MAX 4096
#define HEAD_CAP 512 /* of a request: its first line */
#define PATH_CAP 512

/* ---- the calls ------------------------------------------------------------------------------------------------------ */

typedef enum { CALL_FILE_OR_SEND, CALL_FILE, CALL_SEND, CALL_RECEIVE, CALL_PATH, CALL_PATH_AT } call_kind;

static const struct {
    long nr;
    const char *name;
    call_kind kind;
} CALLS[] = {
    {SYS_write, "write", CALL_FILE_OR_SEND},  {SYS_writev, "writev", CALL_FILE_OR_SEND},
    {SYS_pwrite64, "pwrite64", CALL_FILE},    {SYS_fsync, "fsync", CALL_FILE},
    {SYS_fdatasync, "fdatasync", CALL_FILE},  {SYS_ftruncate, "ftruncate", CALL_FILE},
    {SYS_sendto, "sendto", CALL_SEND},        {SYS_sendmsg, "sendmsg", CALL_SEND},
    {SYS_read, "read", CALL_RECEIVE},         {SYS_recvfrom, "recvfrom", CALL_RECEIVE},
    {SYS_recvmsg, "recvmsg", CALL_RECEIVE},
#ifdef SYS_rename
    {SYS_rename, "rename", CALL_PATH},
#endif
#ifdef SYS_unlink
    {SYS_unlink, "unlink", CALL_PATH},
#endif
    {SYS_renameat, "renameat", CALL_PATH_AT}, {SYS_renameat2, "renameat2", CALL_PATH_AT},
    {SYS_unlinkat, "unlinkat", CALL_PATH_AT},
};
#define N_CALLS (sizeof CALLS / sizeof CALLS[0])

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (skip))
#define ANSWER(value) BPF_STMT(BPF_RET | BPF_K, (value))
#define FILTER_HEAD 6

struct sock_fprog points_filter(void)
{
    /* the low half of the first argument: both kinds of machine that this runs on are little-endian */
    static struct sock_filter code[FILTER_HEAD + 2 * N_CALLS + 1] = {
        LOAD(nr),
        UNLESS(SYS_prctl, 4),
        LOAD(args[0]),
        UNLESS(PR_SET_DUMPABLE, 1),
        ANSWER(SECCOMP_RET_ERRNO),
        ANSWER(SECCOMP_RET_ALLOW),
    };
    size_t n = FILTER_HEAD;

    for (size_t i = 0; i < N_CALLS; i++) {
        code[n++] = (struct sock_filter)UNLESS((uint32_t)CALLS[i].nr, 1);
        code[n++] = (struct sock_filter)ANSWER(SECCOMP_RET_TRACE);
    }
    code[n++] = (struct sock_filter)ANSWER(SECCOMP_RET_ALLOW);
    return (struct sock_fprog){.len = (unsigned short)n, .filter = code};
}

/* ---- what is known --------------------------------------------------------------------------------------------------- */

struct points {
    pid_t pid;
    int pidfd;
    char *store;
    unsigned n_websockets;
    size_t n_sockets;
    struct {
        unsigned long inode;
        char role[ROLE_CAP];
    } sockets[SOCKETS_MAX];
    size_t n_names;
    struct {
        char name[POINT_CAP];
        unsigned count;
    } names[NAMES_MAX];
};

points *points_new(pid_t pid, int pidfd, const char *store)
{
    points *all = calloc(1, sizeof *all);

    if (!all)
        return NULL;
    all->pid = pid;
    all->pidfd = pidfd;
    all->store = strdup(store);
    if (!all->store) {
        free(all);
        return NULL;
    }
    return all;
}

void points_free(points *all)
{
    if (!all)
        return;
    free(all->store);
    free(all);
}

unsigned points_count(points *all, const char *name)
{
    size_t i = 0;

    while (i < all->n_names && strcmp(all->names[i].name, name) != 0)
        i++;
    if (i == NAMES_MAX) {
        fprintf(stderr, "resetbot-crash: more than %d kinds of points\n", NAMES_MAX);
        exit(2);
    }
    if (i == all->n_names)
        snprintf(all->names[all->n_names++].name, POINT_CAP, "%s", name);
    return ++all->names[i].count;
}

/* ---- looking into the process ----------------------------------------------------------------------------------------- */

static size_t peek(const points *all, uint64_t at, void *out, size_t len)
{
    struct iovec here = {out, len};
    struct iovec there = {(void *)(uintptr_t)at, len};
    ssize_t n = process_vm_readv(all->pid, &here, 1, &there, 1, 0);

    return n < 0 ? 0 : (size_t)n;
}

/* A text in its memory, cut at cap. Page by page: the text may end just before a page that is not there. */
static void peek_text(const points *all, uint64_t at, char *out, size_t cap)
{
    size_t n = 0;

    memset(out, 0, cap);
    while (n + 1 < cap) {
        size_t step = 4096 - (size_t)((at + n) % 4096);
        size_t room = cap - 1 - n;
        size_t got = peek(all, at + n, out + n, step < room ? step : room);

        if (got == 0 || memchr(out + n, '\0', got))
            break;
        n += got;
    }
    out[cap - 1] = '\0';
}

static void read_link(const points *all, int fd, char *out, size_t cap)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)all->pid, fd);
    ssize_t n = readlink(path, out, cap - 1);
    out[n > 0 ? n : 0] = '\0';
}

static void thread_role(const points *all, pid_t tid, char *out, size_t cap)
{
    char path[64];
    int fd;
    ssize_t n = 0;

    snprintf(out, cap, "main");
    if (tid == all->pid)
        return;
    snprintf(path, sizeof path, "/proc/%d/task/%d/comm", (int)all->pid, (int)tid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        n = read(fd, out, cap - 1);
        (void)close(fd);
    }
    out[n > 0 ? n : 0] = '\0';
    out[strcspn(out, "\n")] = '\0';
}

/* Is there something to take, be it the end? A copy of its descriptor looks, without taking. */
static bool has_input(const points *all, int fd)
{
    int copy = (int)syscall(SYS_pidfd_getfd, all->pidfd, fd, 0);
    char byte;

    if (copy < 0)
        return true;
    ssize_t n = recv(copy, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    bool is_empty = n < 0 && errno == EAGAIN;
    (void)close(copy);
    return !is_empty;
}

/* ---- roles of files ---------------------------------------------------------------------------------------------------- */

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* "store", "store-wal" …, and its folder. False for what is not the store's and for its shared memory. */
static bool file_role(const points *all, const char *path, char *out)
{
    const char *name = last_part(all->store);
    size_t len = strlen(name);

    if (name > all->store && strlen(path) == (size_t)(name - all->store) - 1 &&
        strncmp(path, all->store, strlen(path)) == 0) {
        snprintf(out, ROLE_CAP, "folder");
        return true;
    }
    path = last_part(path);
    if (strncmp(path, name, len) != 0 || strcmp(path + len, "-shm") == 0)
        return false;
    snprintf(out, ROLE_CAP, "store%s", path + len);
    return true;
}

/* ---- roles of sockets -------------------------------------------------------------------------------------------------- */

/* A part of a path that names one thing among many, such as a device's or a user's id. */
static bool is_id(const char *part, size_t len)
{
    size_t n_digits = 0;

    for (size_t i = 0; i < len; i++) {
        if (part[i] == '@' || part[i] == '%')
            return true;
        n_digits += isdigit((unsigned char)part[i]) != 0;
    }
    return n_digits >= 6;
}

/* "v1.0/deviceManagement/managedDevices/ID/users" -> "devices/{}/users" without what is always the same. */
static void graph_role(const char *method, const char *path, char *out)
{
    size_t n = (size_t)snprintf(out, ROLE_CAP, "graph %s", method);

    while (*path && n + 1 < ROLE_CAP) {
        size_t len = strcspn(path, "/");
        bool is_plain = strncmp(path, "v1.0", 4) == 0 || strncmp(path, "deviceManagement", 16) == 0;

        if (is_id(path, len) && !is_plain)
            n += (size_t)snprintf(out + n, ROLE_CAP - n, "/{}");
        else if (!is_plain)
            n += (size_t)snprintf(out + n, ROLE_CAP - n, "/%.*s", (int)len, path);
        path += len + (path[len] == '/');
    }
}

static bool begins(const char *text, const char *word, const char **out_rest)
{
    size_t len = strlen(word);

    if (strncmp(text, word, len) != 0)
        return false;
    *out_rest = text + len;
    return true;
}

/* The role by a request's first line; false when these bytes do not begin a request. */
static bool request_role(points *all, char *head, char *out)
{
    const char *rest;
    char method[8] = "";

    for (const char *const *word = (const char *const[]){"GET ", "POST ", NULL}; *word; word++) {
        if (strncmp(head, *word, strlen(*word)) == 0)
            snprintf(method, sizeof method, "%.*s", (int)strlen(*word) - 1, *word);
    }
    if (!method[0] || head[strlen(method) + 1] != '/')
        return false;
    char *path = head + strlen(method) + 2;
    bool has_ticket = strncmp(path, "link", 4) == 0;
    path[strcspn(path, " ?\r\n")] = '\0';
    if (has_ticket)
        snprintf(out, ROLE_CAP, "websocket %u", ++all->n_websockets);
    else if (begins(path, "api/", &rest))
        snprintf(out, ROLE_CAP, "slack %.80s", rest);
    else if (begins(path, "response/", &rest))
        snprintf(out, ROLE_CAP, "slack response_url");
    else if (begins(path, "_sandbox/", &rest))
        snprintf(out, ROLE_CAP, "clock");
    else if (strstr(path, "oauth2"))
        snprintf(out, ROLE_CAP, "entra token");
    else
        graph_role(method, path, out);
    return true;
}

static char *known_socket(points *all, unsigned long inode)
{
    for (size_t i = all->n_sockets; i > 0; i--) {
        if (all->sockets[i - 1].inode == inode)
            return all->sockets[i - 1].role;
    }
    if (all->n_sockets == SOCKETS_MAX) {
        fprintf(stderr, "resetbot-crash: more than %d sockets\n", SOCKETS_MAX);
        exit(2);
    }
    all->sockets[all->n_sockets].inode = inode;
    snprintf(all->sockets[all->n_sockets].role, ROLE_CAP, "other");
    return all->sockets[all->n_sockets++].role;
}

/* Where the first bytes of what is sent lie. */
static uint64_t sent_bytes(const points *all, const struct __ptrace_syscall_info *info, uint64_t *out_len)
{
    struct iovec first = {NULL, 0};
    struct msghdr message;

    memset(&message, 0, sizeof message);
    if (info->seccomp.nr == SYS_write || info->seccomp.nr == SYS_sendto) {
        *out_len = info->seccomp.args[2];
        return info->seccomp.args[1];
    }
    if (info->seccomp.nr == SYS_writev)
        peek(all, info->seccomp.args[1], &first, sizeof first);
    else if (peek(all, info->seccomp.args[1], &message, sizeof message) == sizeof message && message.msg_iovlen > 0)
        peek(all, (uintptr_t)message.msg_iov, &first, sizeof first);
    *out_len = first.iov_len;
    return (uintptr_t)first.iov_base;
}

static void learn(points *all, const struct __ptrace_syscall_info *info, char *role)
{
    char head[HEAD_CAP] = "";
    uint64_t len;
    uint64_t at = sent_bytes(all, info, &len);

    peek(all, at, head, len < sizeof head - 1 ? (size_t)len : sizeof head - 1);
    (void)request_role(all, head, role);
}

/* ---- a call -------------------------------------------------------------------------------------------------------------- */

static bool descriptor_role(points *all, const struct __ptrace_syscall_info *info, call_kind kind, char *out)
{
    char link[PATH_CAP];
    unsigned long inode;
    int fd = (int)info->seccomp.args[0];
    bool is_input = kind == CALL_RECEIVE;

    read_link(all, fd, link, sizeof link);
    if (sscanf(link, "socket:[%lu]", &inode) != 1)
        return !is_input && file_role(all, link, out);
    char *role = known_socket(all, inode);
    if (!is_input)
        learn(all, info, role);
    snprintf(out, ROLE_CAP, "%s", role);
    return strcmp(role, "clock") != 0 && (!is_input || has_input(all, fd));
}

bool points_name(points *all, pid_t tid, const struct __ptrace_syscall_info *info, char *out_name)
{
    char role[ROLE_CAP];
    char thread[32];
    char path[PATH_CAP];
    bool is_point;
    size_t i = 0;

    while (i < N_CALLS && CALLS[i].nr != (long)info->seccomp.nr)
        i++;
    if (i == N_CALLS)
        return false;
    if (CALLS[i].kind == CALL_PATH || CALLS[i].kind == CALL_PATH_AT) {
        peek_text(all, info->seccomp.args[CALLS[i].kind == CALL_PATH_AT], path, sizeof path);
        is_point = file_role(all, path, role);
    } else {
        is_point = descriptor_role(all, info, CALLS[i].kind, role);
    }
    if (!is_point)
        return false;
    thread_role(all, tid, thread, sizeof thread);
    snprintf(out_name, POINT_CAP, "%s|%s|%s", thread, role, CALLS[i].name);
    return true;
}
