using System.Buffers.Binary;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>The planted bugs that sit between a machine and the network.</summary>
internal static class Plants
{
    private const int AckOffset = 18;
    private const int MostUtpBytes = 20;
    private const int WrongAckOutOf = 20;
    private static readonly TimeSpan Remembers = TimeSpan.FromSeconds(20);

    public static OutgoingFilter? OutgoingFilterFor(PlantedBug bug, World world) => bug switch
    {
        PlantedBug.AckOffByOne => AckTooMuch(world),
        PlantedBug.ForgetsRegistration => ForgetRegistrations(world),
        _ => null,
    };

    private static OutgoingFilter AckTooMuch(World world)
    {
        Random random = world.Fork();
        return datagram =>
        {
            if (DatagramClassifier.Classify(datagram) != DatagramKind.Utp || datagram.Length < MostUtpBytes) return datagram.Length;
            bool isState = datagram[0] >> 4 == 2;
            Span<byte> ack = datagram[AckOffset..];
            if (isState && random.Next(WrongAckOutOf) == 0) BinaryPrimitives.WriteUInt16BigEndian(ack, (ushort)(BinaryPrimitives.ReadUInt16BigEndian(ack) + 1));
            return datagram.Length;
        };
    }

    private static OutgoingFilter ForgetRegistrations(World world)
    {
        MonotonicTime until = world.Time.Now + Remembers;
        return datagram =>
        {
            bool isRegistration = datagram.StartsWith("REQUEST 4"u8) || datagram.StartsWith("REQUEST 3"u8);
            return isRegistration && world.Time.Now > until ? 0 : datagram.Length;
        };
    }
}
