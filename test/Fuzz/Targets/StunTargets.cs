using System.Text;
using CS3103P2P.Protocol;
using CS3103P2P.Stun;
using CS3103P2P.Stun.Ice;
using CS3103P2P.Transport;

namespace CS3103P2P.Fuzz;

/// <summary>STUN, TURN, ICE.</summary>
internal static class StunTargets
{
    private static readonly byte[][] Messages =
    [
        Convert.FromHexString("000100002112A442B7E7A701BC34D686FA87DFAE"),
        Convert.FromHexString("000100082112A442B7E7A701BC34D686FA87DFAE0003000400000006"),
        Convert.FromHexString("0101000C2112A442B7E7A701BC34D686FA87DFAE002000080001A147E112A643"),
        Convert.FromHexString("010100182112A442B7E7A701BC34D686FA87DFAE002000140002A1470113A9FAA5D3F179BC25F4B5BED2B9D9"),
        Convert.FromHexString("011100182112A442B7E7A701BC34D686FA87DFAE000900100000040155" + "6E617574686F72697A656400" + "000000"),
        Convert.FromHexString("000300082112A442B7E7A701BC34D686FA87DFAE0019000411000000"),
        Convert.FromHexString(
            "000100582112a442b7e7a701bc34d686fa87dfae80220010" + "5354554e207465737420636c69656e74" + "002400046e0001ff" + "80290008932ff9b151263b36"
            + "0006000965" + "76746a3a68367659202020" + "00080014" + "9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2" + "80280004e57a3bcf"),
    ];

    public static IEnumerable<FuzzTarget> Create()
    {
        yield return new FuzzTarget("STUN message", ReadMessage, Messages, 30);
        yield return new FuzzTarget("STUN responder", NewResponder(), Messages, 10);
        yield return new FuzzTarget("TURN channel data", ReadChannel, [Convert.FromHexString("40000005" + "48656C6C6F"), Convert.FromHexString("7FFE0000")]);
        yield return new FuzzTarget("TURN address", input => _ = TurnUri.TryParse(Encoding.Latin1.GetString(input), out _), [Encoding.ASCII.GetBytes("turn:user:pass@host:3478?transport=tcp"), Encoding.ASCII.GetBytes("turns:u:p@[::1]:5349")], 4);
        yield return new FuzzTarget("ICE offer", ReadOffer, [Offer()], 20);
        yield return new FuzzTarget("ICE check", ReadCheck, Messages, 10);
    }

    private static void ReadMessage(ReadOnlySpan<byte> input)
    {
        if (!StunMessage.TryParse(input, out StunMessage message) && !StunMessage.TryParseAnyAge(input, out message)) return;
        int count = 0;
        foreach (StunAttributeView attribute in message) count += attribute.Value.Length >= 0 ? 1 : 0;
        Check.That(count <= StunMessage.MaxAttributes, "too many attributes");
        message.TryGetMappedAddress(out _);
        message.TryGetErrorCode(out _);
        message.TryGetAddress(StunAttributeType.OtherAddress, out _);
    }

    private static FuzzInput NewResponder()
    {
        TransportAddress source = TransportAddress.FromIPv4(0xCB007107, 6881);
        var machine = new StunResponderMachine(new StunResponder(new StunServerAddresses(TransportAddress.FromIPv4(0xCB007105, 3478), TransportAddress.FromIPv4(0xCB007106, 3479))));
        byte[] buffer = new byte[1_500];
        return input =>
        {
            machine.HandleDatagram(default, source, input);
            while (machine.PollTransmit(default, buffer, out Transmit transmit)) Check.That(transmit.Destination == source, "an answer to somebody else");
        };
    }

    private static void ReadChannel(ReadOnlySpan<byte> input)
    {
        if (ChannelData.TryRead(input, out int channel, out ReadOnlySpan<byte> data))
            Check.That(channel is >= ChannelData.FirstChannel and <= ChannelData.LastChannel && data.Length <= input.Length, "a channel that cannot be");
    }

    private static void ReadOffer(ReadOnlySpan<byte> input)
    {
        if (!IceOfferCodec.TryParse(input, out IceOffer? offer)) return;
        Check.That(offer.Candidates.Count <= IceOfferCodec.MaxCandidates, "too many candidates");
        Check.That(IceOfferCodec.TryParse(IceOfferCodec.Encode(offer), out _), "an offer that does not survive its bytes");
    }

    private static void ReadCheck(ReadOnlySpan<byte> input)
    {
        if (StunMessage.TryParse(input, out StunMessage message)) IceCheckMessage.TryRead(message, out _);
    }

    private static byte[] Offer()
    {
        byte[] fragment = Encoding.ASCII.GetBytes("abcd1234");
        byte[] password = Encoding.ASCII.GetBytes("abcdefghijklmnopqrstuvwx");
        return
        [
            1, 1, .. new byte[16], 3, 0, .. new byte[8], 0x11, 0, 1, (byte)fragment.Length, .. fragment, (byte)password.Length, .. password,
            2, 0, 0x7E, 0, 0, 1, 0x1A, 0xE1, 203, 0, 113, 5, 0x81, 0x64, 0, 0, 2, 0x1A, 0xE1, 0x20, 0x01, 0x0D, 0xB8, .. new byte[12],
        ];
    }
}
