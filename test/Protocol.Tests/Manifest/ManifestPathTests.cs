using System.Text;

namespace CS3103P2P.Protocol.Tests;

[TestClass]
public sealed class ManifestPathTests
{
    [TestMethod]
    [DataRow("a")]
    [DataRow("a/b c/d.txt")]
    [DataRow(".hidden")]
    [DataRow("a..b")]
    [DataRow("...a")]
    [DataRow("Tiếng Việt/bài 1, 100%.pdf")]
    [DataRow("👩‍👩‍👧‍👦/é")]
    [DataRow("console")]
    [DataRow("COM10")]
    [DataRow("null.txt")]
    public void IsValid_OrdinaryPath_IsTrue(string path) => Assert.IsTrue(ManifestPath.IsValid(path));

    [TestMethod]
    [DataRow("")]
    [DataRow("/")]
    [DataRow("/etc/passwd")]
    [DataRow("a/")]
    [DataRow("a//b")]
    [DataRow(".")]
    [DataRow("..")]
    [DataRow("a/../b")]
    [DataRow("a/..")]
    [DataRow("C:/x")]
    [DataRow("C:x")]
    [DataRow("a:b")]
    [DataRow("a\\b")]
    [DataRow("..\\x")]
    [DataRow("a\0b")]
    [DataRow("a\nb")]
    [DataRow("a\u007Fb")]
    [DataRow("a\u0085b")]
    [DataRow("a.")]
    [DataRow("a /b")]
    [DataRow("CON")]
    [DataRow("nul.txt")]
    [DataRow("dir/com1.tar.gz")]
    [DataRow("LPT\u00B9")]
    [DataRow("aux .c")]
    public void IsValid_DangerousPath_IsFalse(string path) => Assert.IsFalse(ManifestPath.IsValid(path));

    [TestMethod]
    public void IsValid_Limits_CountBytesAndDepth()
    {
        Assert.IsTrue(ManifestPath.IsValid(new string('a', 255)));
        Assert.IsFalse(ManifestPath.IsValid(new string('a', 256)));
        Assert.IsFalse(ManifestPath.IsValid(new string('ế', 86)));
        Assert.IsFalse(ManifestPath.IsValid(['a', '\uDC00']));
        Assert.IsTrue(ManifestPath.IsValid(string.Join('/', Enumerable.Repeat("a", 64))));
        Assert.IsFalse(ManifestPath.IsValid(string.Join('/', Enumerable.Repeat("a", 65))));
        Assert.IsFalse(ManifestPath.IsValid(string.Join('/', Enumerable.Repeat(new string('a', 250), 9))));
    }

    [TestMethod]
    [DataRow("a.txt", "a.txt")]
    [DataRow("../../etc/passwd", ".._.._etc_passwd")]
    [DataRow("..", "_")]
    [DataRow("a|b?", "a_b_")]
    [DataRow("C:\\x", "C__x")]
    [DataRow("NUL", "NUL_")]
    [DataRow("con.txt", "con_txt")]
    [DataRow("Tiếng Việt, 100%.pdf", "Tiếng Việt, 100%.pdf")]
    public void ToFileName_AnyShareName_IsSafeEverywhere(string name, string expected)
    {
        string file = ManifestPath.ToFileName(name);
        Assert.AreEqual(expected, file);
        Assert.IsTrue(ManifestPath.IsValid(file) && !file.Contains('/', StringComparison.Ordinal));
    }

    [TestMethod]
    [DataRow("\u1EBF", "e\u0302\u0301")]
    [DataRow("a\u0323\u0302", "a\u0302\u0323")]
    [DataRow("\uAC01", "\u1100\u1161\u11A8")]
    [DataRow("\u212A", "k")]
    [DataRow("\u1E9B\u0323", "\u017F\u0323\u0307")]
    [DataRow("TIẾNG", "tiếng")]
    [DataRow("\uD835\uDD5A\uD834\uDD5E", "\uD835\uDD5A\uD834\uDD57\uD834\uDD65")]
    public void KeyOf_EquivalentTexts_IsTheSame(string a, string b) => Assert.AreEqual(PathFolding.KeyOf(a), PathFolding.KeyOf(b));

    [TestMethod]
    [DataRow("e", "é")]
    [DataRow("tieng", "tiếng")]
    [DataRow("o\u0301\u0302", "o\u0302\u0301")]
    public void KeyOf_DifferentTexts_Differs(string a, string b) => Assert.AreNotEqual(PathFolding.KeyOf(a), PathFolding.KeyOf(b));

    [TestMethod]
    public void ComparePaths_RandomTexts_OrdersByUtf8Bytes()
    {
        Rune[] alphabet = [.. "/aZ\u00E9\u1EBF\uFFFD\uE000".EnumerateRunes(), new Rune(0x1F600), new Rune(0x10FFFF)];
        for (int seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            string a = Make(random, alphabet);
            string b = Make(random, alphabet);
            int expected = Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b));
            Assert.AreEqual(Math.Sign(expected), Math.Sign(ManifestRules.ComparePaths(a, b)), $"seed {seed}");
        }
    }

    private static string Make(Random random, Rune[] alphabet) =>
        string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ => alphabet[random.Next(alphabet.Length)].ToString()));
}
