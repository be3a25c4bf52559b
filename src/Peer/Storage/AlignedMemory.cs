using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CS3103P2P.Peer;

/// <summary>Memory that begins at a page of the processor and stays where it is, as direct access to a disk wants it (open(2), O_DIRECT).</summary>
internal static class AlignedMemory
{
    /// <summary>What addresses, places in a file and lengths have to be multiples of; enough for disks with blocks of 512 or 4,096 bytes.</summary>
    internal const int Alignment = 4096;

    /// <summary>Makes aligned memory with any content; memory of less than a page is not aligned.</summary>
    internal static Memory<byte> Allocate(int bytes)
    {
        if (bytes < Alignment) return GC.AllocateUninitializedArray<byte>(bytes);
        byte[] array = GC.AllocateUninitializedArray<byte>(bytes + Alignment - 1, pinned: true);
        int skipped = (int)(-AddressOf(array) & (Alignment - 1));
        return array.AsMemory(skipped, bytes);
    }

    /// <summary>Whether it begins at a page, at the moment.</summary>
    internal static bool IsAligned(ReadOnlySpan<byte> bytes) => (AddressOf(bytes) & (Alignment - 1)) == 0;

    private static nint AddressOf(ReadOnlySpan<byte> bytes) =>
        Unsafe.ByteOffset(ref Unsafe.NullRef<byte>(), ref MemoryMarshal.GetReference(bytes));
}
