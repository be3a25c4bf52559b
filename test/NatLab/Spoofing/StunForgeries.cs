using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace CS3103P2P.NatLab;

/// <summary>STUN and TURN requests in the name of victims (RFC 8489, RFC 5780, RFC 8656).</summary>
internal static class StunForgeries
{
    private const int FloodWeight = 15;   // beyond the requests that one source may make
    private const int HeaderBytes = 20;
    private const uint MagicCookie = 0x2112A442;
    private const ushort Binding = 1, Allocate = 3, Refresh = 4, CreatePermission = 8, SendIndication = 0x16;

    private static readonly byte[] RequestedTransport = Attribute(0x0019, [17, 0, 0, 0]);

    /// <summary>Each kind has a victim of its own.</summary>
    public static IEnumerable<Forgery> Create(ForgeryTargets targets, Func<IPEndPoint> nextVictim)
    {
        byte[] binding = Message(Binding);
        byte[][] tests =
        [
            Message(Binding, Attribute(0x0003, [0, 0, 0, 6])), Message(Binding, Attribute(0x0003, [0, 0, 0, 2])),
            Message(Binding, Attribute(0x0027, [0, 53, 0, 0])), Message(Binding, Attribute(0x0026, new byte[64])),
        ];
        byte[] unknown = Message(Binding, Attribute(0x7FFF, []), Attribute(0x7FFE, []));
        byte[][] badCredentials = [Message(Allocate, RequestedTransport, Text(0x0006, "user"), Text(0x0014, "cs3103p2p"), Text(0x0015, "0123456789"), Attribute(0x0008, new byte[20]))];
        byte[][] others = [Message(Refresh), Message(CreatePermission), Message(SendIndication, Attribute(0x0013, new byte[100])), [0x40, 0, 0, 4, 1, 2, 3, 4]];

        yield return New("STUN: Binding", targets.Stun, [binding]);
        yield return New("STUN: Binding of RFC 3489", targets.Stun, [Message(Binding, magic: 0x01020304)]);
        yield return New("STUN: tests of RFC 5780", targets.Stun, tests);
        yield return New("STUN: unknown attributes", targets.Stun, [unknown]);
        yield return New("STUN: Binding, flood", targets.Stun, [binding], FloodWeight);
        yield return New("STUN: Binding at the tracker's port", targets.Tracker, [binding]);
        yield return New("STUN: Binding at the tracker's port, flood", targets.Tracker, [binding], FloodWeight);
        yield return New("STUN: Binding at the relay", targets.Relay, [binding]);
        yield return New("TURN: Allocate", targets.Relay, [Message(Allocate, RequestedTransport)]);
        yield return New("TURN: Allocate without attributes", targets.Relay, [Message(Allocate)]);
        yield return New("TURN: Allocate, wrong credentials", targets.Relay, badCredentials);
        yield return New("TURN: others", targets.Relay, others);
        yield return New("TURN: Allocate, flood", targets.Relay, [Message(Allocate, RequestedTransport)], FloodWeight);

        Forgery New(string name, IPEndPoint target, byte[][] payloads, int weight = 1) => new(name, ForgeryLimit.ThreeTimes, nextVictim(), target, payloads, weight);
    }

    private static byte[] Message(ushort type, params byte[][] attributes) => Message(type, MagicCookie, attributes);

    private static byte[] Message(ushort type, uint magic, params byte[][] attributes)
    {
        byte[] body = [.. attributes.SelectMany(attribute => attribute)];
        byte[] header = new byte[HeaderBytes];
        BinaryPrimitives.WriteUInt16BigEndian(header, type);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)body.Length);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), magic);
        header.AsSpan(8).Fill(0x5a);   // a forger does not care which transaction
        return [.. header, .. body];
    }

    private static byte[] Text(ushort type, string value) => Attribute(type, Encoding.UTF8.GetBytes(value));

    private static byte[] Attribute(ushort type, byte[] value)
    {
        byte[] head = new byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(head, type);
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(2), (ushort)value.Length);
        return [.. head, .. value, .. new byte[-value.Length & 3]];
    }
}
