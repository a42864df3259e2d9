using Akka.Event;

namespace Akka.Embedded.Tests.Event;

public sealed class TemplateFormatterTests
{
    [Theory]
    [InlineData("no values", "no values")]
    [InlineData("{0} and {1}", "one and 2")]
    [InlineData("{1} and {0}", "2 and one")]
    [InlineData("{First} and {Second}", "one and 2")]
    [InlineData("{First} and {First}", "one and 2")]
    [InlineData("{First} {Second} {Third}", "one 2 {Third}")]
    [InlineData("{1:000}", "002")]
    [InlineData("{Name:000} {@Other}", "one 2")]
    [InlineData("{{0}} and {0}", "{0} and one")]
    [InlineData("open { only", "open { only")]
    [InlineData("{7}", "{7}")]
    public void Templates_with_numbers_and_with_names_are_filled_in(string template, string expected) =>
        Assert.Equal(expected, TemplateFormatter.Instance.Format(template, "one", 2));
}
