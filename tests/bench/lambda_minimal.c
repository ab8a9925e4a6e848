// The least a custom runtime can be: asks Lambda's Runtime API for an invocation, answers it with {}, asks again. What leadbridge's
// bootstrap is measured against (lambda.mjs compiles it).
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static char buffer[1 << 20];

// One answer with Content-Length, whole; its headers end in a NUL.
static void receive(int fd) {
    size_t size = 0;
    for (;;) {
        const ssize_t got = read(fd, buffer + size, sizeof buffer - 1 - size);
        if (got <= 0) exit(1);
        size += (size_t)got;
        buffer[size] = '\0';
        char* end = strstr(buffer, "\r\n\r\n");
        if (end == NULL) continue;
        const char* length = strcasestr(buffer, "content-length:");
        const size_t body = length == NULL ? 0 : (size_t)atol(length + 15);
        if (size >= (size_t)(end + 4 - buffer) + body) {
            *end = '\0';
            return;
        }
    }
}

static void send_all(int fd, const char* text, size_t size) {
    while (size > 0) {
        const ssize_t put = write(fd, text, size);
        if (put <= 0) exit(1);
        text += put;
        size -= (size_t)put;
    }
}

int main(void) {
    const char* api = getenv("AWS_LAMBDA_RUNTIME_API");
    const char* colon = api == NULL ? NULL : strchr(api, ':');
    if (colon == NULL) return 1;
    char host[64] = "";
    memcpy(host, api, (size_t)(colon - api) < sizeof host ? (size_t)(colon - api) : sizeof host - 1);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(colon + 1))};
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1) return 1;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    const int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (const struct sockaddr*)&address, sizeof address) != 0) return 1;
    char request[512];
    for (;;) {
        send_all(fd, request, (size_t)snprintf(request, sizeof request, "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: %s\r\n\r\n", api));
        receive(fd);
        char* id = strcasestr(buffer, "lambda-runtime-aws-request-id:");
        if (id == NULL) return 1;
        id += 30;
        while (*id == ' ') ++id;
        id[strcspn(id, "\r")] = '\0';
        char path[128] = "";
        strncpy(path, id, sizeof path - 1);
        send_all(fd, request, (size_t)snprintf(request, sizeof request, "POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\r\nHost: %s\r\nContent-Length: 2\r\n\r\n{}", path, api));
        receive(fd);
    }
}
