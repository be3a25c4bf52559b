using System.Globalization;

namespace CS3103P2P.Bench;

/// <summary>One connection over loopback, memory to memory: uTP against TCP, plain and with TLS, and against libtorrent's uTP.</summary>
internal static class TransportBench
{
    public static async Task RunAsync(BenchOptions options)
    {
        var plain = new Table("one connection over loopback, no TLS, 1,400-byte datagrams", options.Bytes);
        var secure = new Table("the same with TLS 1.3", options.Bytes);
        var verdicts = new Verdicts("transport");
        for (int run = 0; run < options.Runs; run++)
        {
            Measurement tcp = Add(plain, "TCP in C# (yardstick)", await StreamAsync(StreamKind.Tcp, options.Bytes));
            Measurement utp = Add(plain, "uTP", await StreamAsync(StreamKind.Utp, options.Bytes));
            Add(plain, "uTP, portable sockets", await StreamAsync(StreamKind.UtpPortable, options.Bytes));
            Measurement ssl = Add(secure, "SslStream over TCP (yardstick)", await SslYardstick.MeasureAsync(options.Bytes));
            Measurement utpTls = Add(secure, "uTP + TLS", await StreamAsync(StreamKind.UtpTls, options.Bytes));
            Measurement? foreign = await Libtorrent.MeasureAsync(options.Bytes, "utp");
            if (foreign is not null) Add(secure, "libtorrent over uTP, file to file, no encryption", foreign);
            verdicts.AtLeast("uTP against TCP in C#, x", 0.35, tcp.Seconds / utp.Seconds);
            verdicts.AtLeast("uTP + TLS against SslStream over TCP, x", 0.6, ssl.Seconds / utpTls.Seconds);
            verdicts.AtLeast("uTP + TLS against libtorrent's uTP, x", 4, (foreign?.Seconds ?? double.NaN) / utpTls.Seconds);
        }

        plain.Print();
        secure.Print();
        verdicts.Print();
        Libtorrent.PrintWhyMissing();
    }

    private static Measurement Add(Table table, string name, Measurement measurement)
    {
        table.Add(name, measurement);
        return measurement;
    }

    private static async Task<Measurement> StreamAsync(StreamKind kind, long bytes)
    {
        using Child sender = Child.Start("stream-send", kind.ToString(), bytes.ToString(CultureInfo.InvariantCulture));
        using Child receiver = Child.Start("stream-receive", kind.ToString(), await sender.ReadAsync("address"));
        return await Child.MeasureAsync(sender, receiver);
    }
}
