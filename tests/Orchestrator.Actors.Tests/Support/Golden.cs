using System.Runtime.CompilerServices;

namespace Orchestrator.Actors.Tests.Support;

/// <summary>Compares a text with a committed file of <c>testdata</c>; with <c>REWRITE_GOLDEN=1</c> it writes the file instead.</summary>
internal static class Golden
{
    public static void AssertEqual(string file, string actual, [CallerFilePath] string caller = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(caller)!, "..", "testdata", file);
        if (Environment.GetEnvironmentVariable("REWRITE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
            return;
        }

        var expected = File.ReadAllText(path).Split('\n');
        var found = actual.Split('\n');
        for (var line = 0; line < Math.Max(expected.Length, found.Length); line++)
        {
            Assert.Equal(expected.ElementAtOrDefault(line), found.ElementAtOrDefault(line));
        }
    }
}
