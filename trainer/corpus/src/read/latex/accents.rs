//! Letters with the accents that TeX writes as commands.

/// The letter with the accent on it: one character where Unicode has one.
pub(super) fn compose(letter: char, mark: char) -> String {
    /// Letters, and for each mark the same with it on.
    const COMPOSED: &[(char, &str, &str)] = &[
        ('\'', "aeiouyAEIOUYcnszlrCNSZLR", "áéíóúýÁÉÍÓÚÝćńśźĺŕĆŃŚŹĹŔ"),
        ('`', "aeiouAEIOUn", "àèìòùÀÈÌÒÙǹ"),
        ('^', "aeiouAEIOUcghjswy", "âêîôûÂÊÎÔÛĉĝĥĵŝŵŷ"),
        ('"', "aeiouyAEIOU", "äëïöüÿÄËÏÖÜ"),
        ('~', "anoANOiu", "ãñõÃÑÕĩũ"),
        ('=', "aeiouAEIOU", "āēīōūĀĒĪŌŪ"),
        ('.', "zgecZGECI", "żġėċŻĠĖĊİ"),
        ('u', "aegiouAEGIOU", "ăĕğĭŏŭĂĔĞĬŎŬ"),
        ('v', "aceinorsuzdtACEINORSUZDT", "ǎčěǐňǒřšǔžďťǍČĚǏŇǑŘŠǓŽĎŤ"),
        ('H', "ouOU", "őűŐŰ"),
        ('c', "cstkCST", "çşţķÇŞŢ"),
        ('k', "aeAEiu", "ąęĄĘįų"),
        ('r', "auAU", "åůÅŮ"),
    ];
    let composed =
        COMPOSED
            .iter()
            .filter(|(sign, ..)| *sign == mark)
            .find_map(|(_, letters, with)| {
                letters
                    .chars()
                    .zip(with.chars())
                    .find(|(plain, _)| *plain == letter)
                    .map(|(_, accented)| accented)
            });
    composed.map_or_else(|| letter.to_string(), |accented| accented.to_string())
}
