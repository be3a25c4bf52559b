namespace CS3103P2P.Transport;

/// <summary>What a <see cref="DatagramEndpoint"/> has done since its start.</summary>
/// <param name="DatagramsReceived">Datagrams taken from the socket.</param>
/// <param name="BytesReceived">Their payloads, in bytes.</param>
/// <param name="DatagramsSent">Datagrams that the kernel took.</param>
/// <param name="BytesSent">Their payloads, in bytes.</param>
/// <param name="ForeignDropped">Received datagrams that no attached machine wanted.</param>
/// <param name="SendsDropped">Datagrams that the kernel refused: no route, too big for the path, not permitted.</param>
/// <param name="MachinesFailed">Machines taken off because they threw.</param>
/// <param name="ReceiveBatches">Receive turns that brought at least one datagram.</param>
public readonly record struct DatagramStatistics(
    long DatagramsReceived,
    long BytesReceived,
    long DatagramsSent,
    long BytesSent,
    long ForeignDropped,
    long SendsDropped,
    long MachinesFailed,
    long ReceiveBatches);

/// <summary>The counters behind <see cref="DatagramStatistics"/>: written by the loop alone, read by anybody.</summary>
internal sealed class DatagramCounters
{
    private long _datagramsReceived, _bytesReceived, _datagramsSent, _bytesSent, _foreignDropped, _sendsDropped, _machinesFailed, _receiveBatches;

    public void CountReceived(int datagrams, int bytes)
    {
        Add(ref _datagramsReceived, datagrams);
        Add(ref _bytesReceived, bytes);
    }

    public void CountSent(int datagrams, int bytes)
    {
        Add(ref _datagramsSent, datagrams);
        Add(ref _bytesSent, bytes);
    }

    public void CountBatch() => Add(ref _receiveBatches, 1);

    public void CountForeign() => Add(ref _foreignDropped, 1);

    public void CountSendsDropped(int datagrams) => Add(ref _sendsDropped, datagrams);

    public void CountMachineFailed() => Add(ref _machinesFailed, 1);

    public DatagramStatistics Read() => new(
        Volatile.Read(ref _datagramsReceived),
        Volatile.Read(ref _bytesReceived),
        Volatile.Read(ref _datagramsSent),
        Volatile.Read(ref _bytesSent),
        Volatile.Read(ref _foreignDropped),
        Volatile.Read(ref _sendsDropped),
        Volatile.Read(ref _machinesFailed),
        Volatile.Read(ref _receiveBatches));

    // One writer, so a plain sum with a volatile store is enough and costs no locked instruction.
    private static void Add(ref long counter, long amount) => Volatile.Write(ref counter, counter + amount);
}
