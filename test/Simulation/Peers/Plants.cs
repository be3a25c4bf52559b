using System.Buffers.Binary;
using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Simulation;

/// <summary>The planted bugs that sit between a machine and the network.</summary>
internal static class Plants
{
    private const int AckOffset = 18;
    private const int MostUtpBytes = 20;
    private const int WrongAckOutOf = 20;
    private const int PlainBindingBytes = 40;   // a question to a STUN server, or its answer; a check has more
    private static readonly byte[] BindingRequest = [0x00, 0x01];
    private static readonly byte[] BindingSuccess = [0x01, 0x01];
    private static readonly TimeSpan Remembers = TimeSpan.FromSeconds(20);

    public static OutgoingFilter? OutgoingFilterFor(PlantedBug bug, World world, SimulatedPeer peer) => bug switch
    {
        PlantedBug.AckOffByOne => AckTooMuch(world),
        PlantedBug.ForgetsRegistration => ForgetRegistrations(world),
        PlantedBug.AnnouncesTooMuch => AnnounceTooMuch,
        PlantedBug.ConsentNeverAsked => AskNoConsent(world),
        PlantedBug.AnswersOfferedAddress => AnswerOfferedAddress(peer),
        _ => null,
    };

    private static OutgoingFilter AckTooMuch(World world)
    {
        Random random = world.Fork();
        return (Span<byte> datagram, ref TransportAddress destination) =>
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
        return (Span<byte> datagram, ref TransportAddress destination) =>
        {
            bool isRegistration = datagram.StartsWith("REQUEST 4"u8) || datagram.StartsWith("REQUEST 3"u8);
            return isRegistration && world.Time.Now > until ? 0 : datagram.Length;
        };
    }

    // "chunks=3,5" becomes "chunks=3-5".
    private static int AnnounceTooMuch(Span<byte> datagram, ref TransportAddress destination)
    {
        int at = datagram.StartsWith("REQUEST"u8) ? datagram.IndexOf("chunks="u8) : -1;
        if (at < 0) return datagram.Length;
        Span<byte> list = datagram[at..];
        int end = list.IndexOf((byte)' ');
        if (end > 0 && !list[..end].Contains((byte)'-')) list[..end].Replace((byte)',', (byte)'-');
        return datagram.Length;
    }

    private static OutgoingFilter AskNoConsent(World world)
    {
        MonotonicTime until = world.Time.Now + Remembers;
        return (Span<byte> datagram, ref TransportAddress destination) =>
        {
            bool isCheck = datagram.Length > PlainBindingBytes && datagram.StartsWith(BindingRequest);
            return isCheck && world.Time.Now > until ? 0 : datagram.Length;
        };
    }

    private static OutgoingFilter AnswerOfferedAddress(SimulatedPeer self) => (Span<byte> datagram, ref TransportAddress destination) =>
    {
        bool isAnswer = datagram.Length > PlainBindingBytes && datagram.StartsWith(BindingSuccess);
        if (isAnswer) destination = destination.WithPort(self.Plan.Port);
        return datagram.Length;
    };
}
