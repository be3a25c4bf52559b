// The yardstick of the kernel: one recvfrom and one sendto a request, nothing between them.
// usage: udp_echo REPLY_BYTES; prints `port N` and echoes the first bytes of each datagram until it is killed.
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
    static char buffer[65536];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int reply = argc > 1 ? atoi(argv[1]) : 0, room = 4 << 20;
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    setsockopt(s, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    if (reply < 1 || reply > 65000 || bind(s, (struct sockaddr *)&address, sizeof address) || getsockname(s, (struct sockaddr *)&address, &length)) return 1;
    printf("port %d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;)
    {
        struct sockaddr_in from;
        socklen_t size = sizeof from;
        if (recvfrom(s, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &size) > 0) sendto(s, buffer, reply, 0, (struct sockaddr *)&from, size);
    }
}
