namespace CS3103P2P.Stun;

/// <summary>The value of ERROR-CODE (RFC 8489 §14.8): 21 reserved bits, the hundreds in 3 bits, the rest in 8, a reason in UTF-8.</summary>
internal static class ErrorCodeAttribute
{
    public const int HeaderBytes = 4;

    public static bool TryRead(ReadOnlySpan<byte> value, out int code, out ReadOnlySpan<byte> reason)
    {
        code = 0;
        reason = default;
        if (value.Length < HeaderBytes) return false;
        int hundreds = value[2] & 7;
        int rest = value[3];
        if (hundreds is < 3 or > 6 || rest > 99) return false;
        code = (hundreds * 100) + rest;
        reason = value[HeaderBytes..];
        return true;
    }

    public static void Write(int code, Span<byte> destination)
    {
        destination[0] = 0;
        destination[1] = 0;
        destination[2] = (byte)(code / 100);
        destination[3] = (byte)(code % 100);
    }

    /// <summary>The reason phrase that RFC 8489 and RFC 8656 recommend; empty for other codes.</summary>
    public static ReadOnlySpan<byte> DefaultReason(int code) => code switch
    {
        StunErrorCodes.TryAlternate => "Try Alternate"u8,
        StunErrorCodes.BadRequest => "Bad Request"u8,
        StunErrorCodes.Unauthenticated => "Unauthenticated"u8,
        StunErrorCodes.Forbidden => "Forbidden"u8,
        StunErrorCodes.UnknownAttribute => "Unknown Attribute"u8,
        StunErrorCodes.AllocationMismatch => "Allocation Mismatch"u8,
        StunErrorCodes.StaleNonce => "Stale Nonce"u8,
        StunErrorCodes.AddressFamilyNotSupported => "Address Family not Supported"u8,
        StunErrorCodes.WrongCredentials => "Wrong Credentials"u8,
        StunErrorCodes.UnsupportedTransportProtocol => "Unsupported Transport Protocol"u8,
        StunErrorCodes.PeerAddressFamilyMismatch => "Peer Address Family Mismatch"u8,
        StunErrorCodes.AllocationQuotaReached => "Allocation Quota Reached"u8,
        StunErrorCodes.RoleConflict => "Role Conflict"u8,
        StunErrorCodes.ServerError => "Server Error"u8,
        StunErrorCodes.InsufficientCapacity => "Insufficient Capacity"u8,
        _ => default,
    };
}
