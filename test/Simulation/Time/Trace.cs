using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>What happened, one line an event, and a hash of all of it by which two runs are compared.</summary>
internal sealed class Trace(VirtualTime time, TextWriter? writer)
{
    private const ulong Prime = 0x9E3779B97F4A7C15;

    /// <summary>Stands for everything that happened so far.</summary>
    public ulong Hash { get; private set; } = 0xCBF29CE484222325;

    /// <summary>Lines so far, written or not.</summary>
    public long Events { get; private set; }

    /// <summary>Whether lines are written; the hash is kept in any case.</summary>
    public bool IsWritten => writer is not null;

    public void Add(string who, string what)
    {
        Mix((ulong)time.Now.Micros);
        foreach (char c in who) Mix(c);
        foreach (char c in what) Mix(c);
        Events++;
        writer?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time.Now.Micros / 1e6,12:F6} {who,-10} {what}"));
    }

    /// <summary>A remark: written, not hashed.</summary>
    public void Note(string who, string what) =>
        writer?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time.Now.Micros / 1e6,12:F6} {who,-10} ({what})"));

    /// <summary>A datagram that arrived: hashed whole, written in short.</summary>
    public void AddDatagram(string who, ReadOnlySpan<byte> datagram, string source)
    {
        Mix((ulong)time.Now.Micros);
        Mix((ulong)datagram.Length);
        ulong sum = 0;
        ReadOnlySpan<byte> rest = datagram;
        for (; rest.Length >= sizeof(ulong); rest = rest[sizeof(ulong)..])
        {
            sum = (sum ^ BinaryPrimitives.ReadUInt64LittleEndian(rest)) * Prime;
            sum ^= sum >> 32;
        }

        foreach (byte b in rest) sum = (sum ^ b) * Prime;
        Mix(sum);
        Events++;
        if (writer is null) return;
        string text = DatagramClassifier.Classify(datagram) == DatagramKind.Tracker ? Encoding.Latin1.GetString(datagram) : $"{datagram.Length} bytes";
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time.Now.Micros / 1e6,12:F6} {who,-10} receives {text} from {source}"));
    }

    private void Mix(ulong value)
    {
        Hash = (Hash ^ value) * Prime;
        Hash ^= Hash >> 29;
    }
}
