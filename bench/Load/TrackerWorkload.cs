using System.Globalization;
using System.Text;

namespace CS3103P2P.Bench.Load;

/// <summary>An extension client with a cookie: lookups (flag 1) of many files, or registrations (flags 4 and 3 in turn).</summary>
/// <param name="files">How many files there are, named as <see cref="FileName"/> says.</param>
/// <param name="registers">Registrations instead of lookups.</param>
internal sealed class TrackerWorkload(int files, bool registers) : IWorkload
{
    private const int Peers = 8;
    private const int ChunksPerFile = 64;
    private const int MaxAttempts = 100;
    private const string Id = " id=";

    private byte[][] _requests = [];
    private int[] _numberAt = [];

    public static string FileName(int file) => string.Create(CultureInfo.InvariantCulture, $"file-{file:d7}.bin");

    public static string PeerId(long peer) => string.Create(CultureInfo.InvariantCulture, $"{peer + 1:x16}{"00112233445566778899aabbccddeeff0011223344556677"}");

    public static string Root(int file) => string.Create(CultureInfo.InvariantCulture, $"{file + 1:x16}{"ffeeddccbbaa99887766554433221100ffeeddccbbaa9988"}");

    public void Prepare(UdpBatch socket)
    {
        string cookie = Ask(socket, $"REFRESH peer={PeerId(0)} id=c", "CHALLENGE cookie=")[..16];
        _requests = registers
            ? [.. Enumerable.Range(0, files * 2).Select(i => Encoding.ASCII.GetBytes(Registration(i, cookie)))]
            : [.. Enumerable.Range(0, files).Select(file => Encoding.ASCII.GetBytes($"REQUEST 1 {FileName(file)} cookie={cookie}{Id}0000"))];
        _numberAt = [.. _requests.Select(request => request.Length - 4)];
    }

    public int Write(int number, long turn, Span<byte> buffer)
    {
        int at = (int)(turn * 7919 % _requests.Length);
        byte[] request = _requests[at];
        request.CopyTo(buffer);
        Digits(number, buffer[_numberAt[at]..]);
        return request.Length;
    }

    public int NumberOf(ReadOnlySpan<byte> reply)
    {
        if (!reply.StartsWith("RESPONSE "u8)) return -1;
        int at = reply.LastIndexOf(" id="u8);
        return at < 0 ? -1 : NumberAt(reply[(at + Id.Length)..]);
    }

    private static string Registration(int i, string cookie)
    {
        int file = i / 2;
        string content = i % 2 == 0 ? $" size={ChunksPerFile * 16384} chunk=16384 root={Root(file)}" : string.Empty;
        string what = i % 2 == 0 ? $"4 {FileName(file)} 1 -" : $"3 {FileName(file)} {(i % ChunksPerFile) + 1}";
        return $"REQUEST {what} peer={PeerId(file % Peers)} cookie={cookie}{content}{Id}0000";
    }

    private static string Ask(UdpBatch socket, string request, string prefix)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            socket.Add(Encoding.ASCII.GetBytes(request, socket.Next));
            socket.Flush();
            int count = socket.Receive();
            for (int i = 0; i < count; i++)
            {
                string reply = Encoding.ASCII.GetString(socket.Received(i));
                if (reply.StartsWith(prefix, StringComparison.Ordinal)) return reply[prefix.Length..];
            }
        }

        throw new InvalidOperationException("The tracker does not answer.");
    }

    private static void Digits(int number, Span<byte> text)
    {
        for (int i = 3; i >= 0; i--, number /= 10) text[i] = (byte)('0' + (number % 10));
    }

    private static int NumberAt(ReadOnlySpan<byte> text)
    {
        int number = 0;
        for (int i = 0; i < 4; i++) number = (number * 10) + text[i] - '0';
        return number;
    }
}
