using System.Globalization;

namespace CS3103P2P.Bench;

/// <summary>One connection over loopback, memory to memory: uTP against TCP, plain and with TLS, and against libtorrent's uTP.</summary>
internal static class TransportBench
{
    public static async Task RunAsync(BenchOptions options)
    {
        var plain = new Table("one connection over loopback, no TLS, 1,400-byte datagrams", options.Bytes);
        var secure = new Table("the same with TLS 1.3", options.Bytes);
        for (int run = 0; run < options.Runs; run++)
        {
            plain.Add("TCP in C# (yardstick)", await StreamAsync(StreamKind.Tcp, options.Bytes));
            plain.Add("uTP", await StreamAsync(StreamKind.Utp, options.Bytes));
            plain.Add("uTP, portable sockets", await StreamAsync(StreamKind.UtpPortable, options.Bytes));
            secure.Add("SslStream over TCP (yardstick)", await SslYardstick.MeasureAsync(options.Bytes));
            secure.Add("uTP + TLS", await StreamAsync(StreamKind.UtpTls, options.Bytes));
            if (await Libtorrent.MeasureAsync(options.Bytes, "utp") is { } foreign) secure.Add("libtorrent over uTP, file to file, no encryption", foreign);
        }

        plain.Print();
        secure.Print();
        Libtorrent.PrintWhyMissing();
    }

    private static async Task<Measurement> StreamAsync(StreamKind kind, long bytes)
    {
        using Child sender = Child.Start("stream-send", kind.ToString(), bytes.ToString(CultureInfo.InvariantCulture));
        using Child receiver = Child.Start("stream-receive", kind.ToString(), await sender.ReadAsync("address"));
        return await Child.MeasureAsync(sender, receiver);
    }
}
