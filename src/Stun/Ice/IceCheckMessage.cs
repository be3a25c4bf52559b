using System.Security.Cryptography;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Ice;

/// <summary>Writes and reads connectivity checks: Binding requests and their answers (RFC 8445 §7).</summary>
internal static class IceCheckMessage
{
    /// <summary>No check or answer is longer, in bytes.</summary>
    public const int MaxBytes = 256;

    private static readonly StunAttributeType[] KnownInRequests =
    [
        StunAttributeType.Username, StunAttributeType.Priority, StunAttributeType.UseCandidate,
        StunAttributeType.MessageIntegrity, StunAttributeType.MessageIntegritySha256,
    ];

    public static int WriteRequest(Span<byte> buffer, StunTransactionId id, string username, in IceCheckFields fields, IncrementalHash hmac)
    {
        var writer = new StunMessageWriter(buffer, StunClass.Request, StunMethod.Binding, id);
        writer.Write(StunAttributeType.Username, username);
        writer.WriteUInt32(StunAttributeType.Priority, fields.Priority);
        writer.WriteUInt64(fields.IsControlling ? StunAttributeType.IceControlling : StunAttributeType.IceControlled, fields.TieBreaker);
        if (fields.UseCandidate) writer.Write(StunAttributeType.UseCandidate, default(ReadOnlySpan<byte>));
        if (fields.Straight is { } straight) writer.WriteAddress(StunAttributeType.OtherAddress, straight);
        return Finish(ref writer, hmac);
    }

    public static int WriteSuccess(Span<byte> buffer, StunTransactionId id, TransportAddress mapped, IncrementalHash hmac)
    {
        var writer = new StunMessageWriter(buffer, StunClass.SuccessResponse, StunMethod.Binding, id);
        writer.WriteXorAddress(StunAttributeType.XorMappedAddress, mapped);
        return Finish(ref writer, hmac);
    }

    public static int WriteRoleConflict(Span<byte> buffer, StunTransactionId id, IncrementalHash hmac)
    {
        var writer = new StunMessageWriter(buffer, StunClass.ErrorResponse, StunMethod.Binding, id);
        writer.WriteErrorCode(StunErrorCodes.RoleConflict, ErrorCodeAttribute.DefaultReason(StunErrorCodes.RoleConflict));
        return Finish(ref writer, hmac);
    }

    /// <summary>Reads the attributes of a check; false when one is missing, malformed or unknown. Who signed it is the caller's to check.</summary>
    public static bool TryRead(in StunMessage request, out IceCheckFields fields)
    {
        fields = default;
        if (!request.TryGetUInt32(StunAttributeType.Priority, out uint priority)) return false;
        bool isControlling = request.TryGetUInt64(StunAttributeType.IceControlling, out ulong tieBreaker);
        if (!isControlling && !request.TryGetUInt64(StunAttributeType.IceControlled, out tieBreaker)) return false;
        if (UnknownAttributes.Any(request, KnownInRequests)) return false;
        TransportAddress? straight = request.TryGetAddress(StunAttributeType.OtherAddress, out TransportAddress other) ? other : null;
        fields = new IceCheckFields(priority, isControlling, tieBreaker, request.Has(StunAttributeType.UseCandidate), straight);
        return true;
    }

    /// <summary>Whether a check's USERNAME begins with a fragment and a colon (RFC 8445 §7.2.2).</summary>
    public static bool IsFor(in StunMessage request, string fragment)
    {
        if (!TryGetLocalFragment(request, out ReadOnlySpan<byte> local) || local.Length != fragment.Length) return false;
        for (int i = 0; i < local.Length; i++)
        {
            if (local[i] != fragment[i]) return false;
        }

        return true;
    }

    /// <summary>The receiver's fragment in a check's USERNAME.</summary>
    public static bool TryGetLocalFragment(in StunMessage request, out ReadOnlySpan<byte> fragment)
    {
        fragment = default;
        if (request.Class != StunClass.Request || request.Method != StunMethod.Binding) return false;
        if (!request.TryGet(StunAttributeType.Username, out ReadOnlySpan<byte> username)) return false;
        int colon = username.IndexOf((byte)':');
        if (colon < 0) return false;
        fragment = username[..colon];
        return true;
    }

    private static int Finish(ref StunMessageWriter writer, IncrementalHash hmac)
    {
        writer.WriteMessageIntegrity(hmac);
        writer.WriteFingerprint();
        return writer.TryFinish(out int bytes) ? bytes : throw new InvalidOperationException("A check outgrew its buffer.");
    }
}
