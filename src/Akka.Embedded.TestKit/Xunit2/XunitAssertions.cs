using System.Globalization;
using Xunit;
using Xunit.Sdk;

namespace Akka.TestKit.Xunit2;

/// <summary>Failures as xunit's.</summary>
public class XunitAssertions : ITestKitAssertions
{
    public void Fail(string format = "", params object[] args) => throw FailException.ForFailure(Text(format, args));

    public void AssertTrue(bool condition, string format = "", params object[] args) => Assert.True(condition, Text(format, args));

    public void AssertFalse(bool condition, string format = "", params object[] args) => Assert.False(condition, Text(format, args));

    public void AssertEqual<T>(T expected, T actual, string format = "", params object[] args)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw NotEqual(expected, actual, Text(format, args));
        }
    }

    public void AssertEqual<T>(T expected, T actual, Func<T, T, bool> comparer, string format = "", params object[] args)
    {
        if (!comparer(expected, actual))
        {
            throw NotEqual(expected, actual, Text(format, args));
        }
    }

    private static string Text(string format, object[] args) =>
        args.Length == 0 ? format : string.Format(CultureInfo.InvariantCulture, format, args);

    private static XunitException NotEqual<T>(T expected, T actual, string text) =>
        new($"{text}{(text.Length == 0 ? "" : Environment.NewLine)}Expected: {expected}{Environment.NewLine}Actual:   {actual}");
}
